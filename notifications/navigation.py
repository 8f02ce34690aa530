"""Navigation of notices: their place is the bell, not the menu."""

from accounts.models import Member
from core.navigation import Place

SECTIONS = {"notifications:": "notices", "notifications:settings": "me"}


def places(member: Member) -> list[Place]:
    """Return no places."""
    return []
