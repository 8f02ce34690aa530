"""Who may do what: each app's `policy.py` holds one table, action -> queryset function.

    POLICY: Policy = {"case.view": gate.visible_cases, "case.close": cases_of_author}

A rule says for which rows a member may act; the check of one object derives from it. What a member may
not see does not exist (404); what is seen but not allowed is refused (403). An unknown action is a
mistake in the code and raises.
"""

import uuid
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured, PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils.module_loading import module_has_submodule

# A rule gets the member (or AnonymousUser) and returns the rows on which the action is allowed.
Rule = Callable[[Any], QuerySet[Any]]
Policy = dict[str, Rule]


class UnknownAction(Exception):
    """No policy table names this action."""


@cache
def table() -> Policy:
    """All policy tables of the installed apps as one. Raises ImproperlyConfigured when two name one action."""
    merged: Policy = {}
    for app in apps.get_app_configs():
        if app.module is None or not module_has_submodule(app.module, "policy"):
            continue
        rules: Policy = getattr(import_module(f"{app.name}.policy"), "POLICY", {})
        twice = merged.keys() & rules.keys()
        if twice:
            raise ImproperlyConfigured(f"{app.name}.policy repeats {', '.join(sorted(twice))}")
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
