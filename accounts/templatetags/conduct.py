"""The banner about the conduct module, for pages on which a case is made."""

from typing import Any

from django import template

from accounts.conduct import standing
from accounts.membership.models import Member

register = template.Library()


@register.inclusion_tag("accounts/conduct/_banner.html", takes_context=True)
def conduct_banner(context: dict[str, Any]) -> dict[str, object]:
    """Say that the module is missing, has ended or ends soon; nothing otherwise. No query."""
    member = context["request"].user
    if not isinstance(member, Member):
        return {"state": ""}
    if standing.has_passed(member):
        state = "ends" if standing.ends_soon(member) else ""
    else:
        state = "missing" if member.conduct_until is None else "ended"
    return {"state": state, "until": member.conduct_until}
