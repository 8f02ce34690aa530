"""Attacks on a running site, each with the limit that must hold.

An attack is a module of this package with a function `attack(site: Site) -> list[Finding]`. It gets a site of its own:
a fresh instance on loopback as `manage.py serve` starts it, with `site.PEOPLE` as members and nothing else in it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One figure of an attack: what was seen, beside the limit that must hold, both with their units."""

    name: str
    seen: str
    limit: str
    held: bool

    def __str__(self) -> str:
        return f"{self.name:<44} {self.seen:>22}   {self.limit:<30} {'held' if self.held else 'BROKEN'}"
