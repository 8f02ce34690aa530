"""Addresses of many rows of one page: `reverse` takes as long as all the rest of a card."""

from functools import cache
from uuid import UUID

from django.urls import get_script_prefix, reverse

_NO_ID = UUID(int=0)


def address(view: str, pk: UUID) -> str:
    """Return `reverse(view, args=[pk])` for a view whose only argument is an id."""
    before, after = around(view)
    return f"{before}{pk}{after}"


def around(view: str) -> tuple[str, str]:
    """Return what stands before and after the id in the address of a view."""
    return _around(view, get_script_prefix())


@cache
def _around(view: str, _prefix: str) -> tuple[str, str]:
    before, _id, after = reverse(view, args=[_NO_ID]).partition(str(_NO_ID))
    return before, after
