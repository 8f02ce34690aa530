"""Pieces of pages that depend on one value alone, rendered once for all who get them.

A page of cases is the same two dozen cards for everybody: rendering them was half of its CPU. The value is the key, so
that nothing can be shown which the page did not just ask for.
"""

import time
from collections.abc import Hashable
from typing import Final

from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

MOST: Final = 2000  # pieces, of about 1 kB
# Threat: what a withdrawn case said stays in the memory of an idle process. So long at most, while pages are asked for.
KEPT_SECONDS: Final = 600.0

Key = tuple[str, str, str, Hashable]


class _Kept:
    """Pieces by template, language and value; all are forgotten together."""

    def __init__(self) -> None:
        self._pieces: dict[Key, SafeString] = {}
        self._began = 0.0

    def get(self, key: Key) -> SafeString | None:
        if len(self._pieces) >= MOST or time.monotonic() - self._began > KEPT_SECONDS:
            self._pieces, self._began = {}, time.monotonic()
        return self._pieces.get(key)

    def keep(self, key: Key, piece: SafeString) -> None:
        self._pieces[key] = piece


_kept: Final = _Kept()


def rendered(template: str, name: str, value: Hashable) -> SafeString:
    """Return `template` with `value` as its only variable, called `name`, in the active language.

    The template must not depend on anything else: not on the request, the reader, the time.
    """
    key = (template, name, get_language() or "", value)
    piece = _kept.get(key)
    if piece is None:
        piece = mark_safe(get_template(template).render({name: value}))  # noqa: S308 - a template's own output
        _kept.keep(key, piece)
    return piece
