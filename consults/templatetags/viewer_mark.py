"""The viewer mark: the number of whoever looks and the minute, over each picture that a page shows.

A photograph or a copy of the screen carries it. It is drawn by the page, never into a file.
"""

from datetime import UTC
from typing import Any

from django import template
from django.utils import timezone

from accounts.membership.models import Member
from accounts.membership.numbers import in_two

register = template.Library()


@register.inclusion_tag("partials/viewer_mark.html", takes_context=True)
def viewer_mark(context: dict[str, Any]) -> dict[str, object]:
    """Render the mark's pattern, once a page, before `{% marked %}`. No query."""
    member = context["request"].user
    return {
        "number": in_two(member.number) if isinstance(member, Member) else "",
        "minute": timezone.now().astimezone(UTC).strftime("%Y-%m-%d %H:%M"),
    }


@register.inclusion_tag("partials/viewer_marked.html")
def marked() -> dict[str, object]:
    """Render the mark over the picture beside which it stands, in an element with the class `is-marked`."""
    return {}
