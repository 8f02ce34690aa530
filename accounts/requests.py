"""The type of requests behind the middleware."""

from django.http import HttpRequest

from accounts.models import Member


class MemberRequest(HttpRequest):
    """For annotations: signed in, as every view is that is not marked public."""

    user: Member
