"""Permissions: each app's `policy.py` holds one table, action -> queryset function.

    POLICY: Policy = {"case.view": gate.visible_cases, "case.close": cases_of_author}

A rule returns the rows on which a member may act; the check of a single object derives from it. Rows that a
member may not see do not exist (404); an action that is not allowed on a visible row is refused (403). An unknown
action is a mistake in the code and raises.
"""

import uuid
from collections.abc import Callable, Hashable
from copy import copy
from functools import cache
from typing import Any, Final

from django.core.exceptions import ImproperlyConfigured, PermissionDenied, ValidationError
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import Http404

from core.discovery import app_modules
from core.prepared import Lost, Prepared

# A rule gets the member (or AnonymousUser) and returns the rows on which the action is allowed.
Rule = Callable[[Any], QuerySet[Any]]
Policy = dict[str, Rule]


class UnknownAction(Exception):
    """An action that no policy table contains."""


@cache
def policy_table() -> Policy:
    """Merge the policy tables of all apps. Raises ImproperlyConfigured if two contain the same action."""
    merged: Policy = {}
    for name, module in app_modules("policy"):
        rules: Policy = getattr(module, "POLICY", {})
        twice = merged.keys() & rules.keys()
        if twice:
            raise ImproperlyConfigured(f"{name}.policy repeats {', '.join(sorted(twice))}")
        merged |= rules
    return merged


def allowed(member: Any, action: str) -> QuerySet[Any]:
    """Return the rows on which `member` may do `action`. Raises UnknownAction."""
    try:
        rule = policy_table()[action]
    except KeyError:
        raise UnknownAction(action) from None
    return rule(member)


def is_among(rows: QuerySet[Any], path: str) -> Q:
    """Return the condition that what `path` names is one of these rows, asked of each in turn.

    With `path__in=rows` a database may find all of them first, every case that the gate shows, to look at a few.
    """
    return Q(Exists(rows.order_by().filter(pk=OuterRef(path))))


def allows(member: Any, action: str, obj: Model) -> bool:
    """Whether `member` may do `action` on `obj`; queries the database every time. Raises UnknownAction."""
    rows = allowed(member, action)
    if not isinstance(obj, rows.model):
        raise UnknownAction(f"{action} is not about {type(obj).__name__}")
    return rows.filter(pk=obj.pk).exists()


def allowed_actions(member: Any, obj: Model, *actions: str, alike: Hashable = None) -> frozenset[str]:
    """Those of `actions` that `member` may do on `obj`: `allows` for each of them, in one query.

    With `alike`, everything but their id that these actions' policies ask of a member, the query is compiled once for
    all such members.
    """
    of = type(obj)

    def build(member_id: Any, pk: Any) -> QuerySet[Any, tuple[bool, ...]]:
        asker = member
        if alike is not None:
            asker = copy(member)
            asker.pk = member_id
        asked = [allowed(asker, action).filter(pk=pk) for action in actions]
        if any(rows.model is not of for rows in asked):
            raise UnknownAction(f"{', '.join(actions)} are not all about {of.__name__}")
        return of._default_manager.filter(pk=pk).values_list(*(Exists(rows) for rows in asked))

    key, values = (of, actions, alike), [member.pk, obj.pk]
    try:
        given = build(*values).first() if alike is None else _ACTIONS.first(key, build, values)
    except Lost:  # all of it is refused to such members, whoever they are: their id is in no query
        given = build(*values).first()
    return frozenset(action for action, may in zip(actions, given or (), strict=False) if may)


_ACTIONS: Final = Prepared()


def require(member: Any, action: str, obj: Model) -> None:
    """Raise PermissionDenied unless `member` may do `action` on `obj`."""
    if not allows(member, action, obj):
        raise PermissionDenied(action)


def get_visible_or_404(member: Any, action: str, pk: uuid.UUID | str | int) -> Any:
    """Return the row `pk` if `action` is allowed on it. Raises Http404 otherwise, whether or not the row exists."""
    try:
        found = allowed(member, action).filter(pk=pk).first()
    except (ValidationError, ValueError) as error:
        raise Http404 from error
    if found is None:
        raise Http404
    return found
