"""What a view gets: a request that has passed the middleware."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import Member


class MemberRequest(HttpRequest):
    """A request behind `VerifiedMembersOnly`: somebody is signed in, and allowed into the view. For annotations."""

    user: Member
    htmx: HtmxDetails
