"""Who may do what: each app's `policy.py` holds one table, action -> queryset function.

    POLICY: Policy = {"case.view": gate.visible_cases, "case.close": cases_of_author}

A rule says for which rows a member may act; the check of one object derives from it. What a member may
not see does not exist (404); what is seen but not allowed is refused (403). An unknown action is a
mistake in the code and raises.
"""

import uuid
from collections.abc import Callable
from functools import cache
from typing import Any

from django.core.exceptions import ImproperlyConfigured, PermissionDenied, ValidationError
from django.db.models import Exists, Model, QuerySet
from django.http import Http404

from core.discovery import app_modules

# A rule gets the member (or AnonymousUser) and returns the rows on which the action is allowed.
Rule = Callable[[Any], QuerySet[Any]]
Policy = dict[str, Rule]


class UnknownAction(Exception):
    """No policy table names this action."""


@cache
def table() -> Policy:
    """All policy tables of the installed apps as one. Raises ImproperlyConfigured when two name one action."""
    merged: Policy = {}
    for name, module in app_modules("policy"):
        rules: Policy = getattr(module, "POLICY", {})
        twice = merged.keys() & rules.keys()
        if twice:
            raise ImproperlyConfigured(f"{name}.policy repeats {', '.join(sorted(twice))}")
        merged |= rules
    return merged


def allowed(member: Any, action: str) -> QuerySet[Any]:
    """The rows on which `member` may do `action`. Raises UnknownAction."""
    try:
        rule = table()[action]
    except KeyError:
        raise UnknownAction(action) from None
    return rule(member)


def allows(member: Any, action: str, obj: Model) -> bool:
    """Whether `member` may do `action` on `obj`, asked of the database now."""
    rows = allowed(member, action)
    if not isinstance(obj, rows.model):
        raise UnknownAction(f"{action} is not about {type(obj).__name__}")
    return rows.filter(pk=obj.pk).exists()


def allowed_actions(member: Any, obj: Model, *actions: str) -> frozenset[str]:
    """Those of `actions` that `member` may do on `obj`: `allows` for each of them, in one query."""
    asked = {f"may_{number}": allowed(member, action).filter(pk=obj.pk) for number, action in enumerate(actions)}
    if any(rows.model is not type(obj) for rows in asked.values()):
        raise UnknownAction(f"{', '.join(actions)} are not all about {type(obj).__name__}")
    answer = type(obj)._default_manager.filter(pk=obj.pk).values_list(*(Exists(rows) for rows in asked.values()))
    given = answer.first() or ()
    return frozenset(action for action, may in zip(actions, given, strict=False) if may)


def require(member: Any, action: str, obj: Model) -> None:
    """Raises PermissionDenied unless `member` may do `action` on `obj`."""
    if not allows(member, action, obj):
        raise PermissionDenied(action)


def get_visible_or_404(member: Any, action: str, pk: uuid.UUID | str | int) -> Any:
    """The row `pk` if `action` is allowed on it, else Http404, without saying whether it exists."""
    try:
        found = allowed(member, action).filter(pk=pk).first()
    except (ValidationError, ValueError) as error:
        raise Http404 from error
    if found is None:
        raise Http404
    return found
