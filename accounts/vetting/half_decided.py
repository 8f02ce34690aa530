"""Decisions that a moderator has begun: kept here, so that a reload or a second window loses nothing of them."""

from django.db import transaction

from accounts.membership.models import Member
from accounts.vetting.forms import VoteForm
from accounts.vetting.models import Application, HalfDecision


def begun(*, application: Application, by: Member) -> HalfDecision:
    """Return what `by` has begun, or an empty one that is not stored."""
    found = application.half_decisions.filter(moderator=by).first()
    return found or HalfDecision(application=application, moderator=by)


def keep(*, form: VoteForm, application: Application, by: Member) -> None:
    """Store every valid field of the form that changed on its page (`core.merging`). The caller checks the policy."""
    form.is_valid()
    with transaction.atomic():
        HalfDecision.objects.get_or_create(application=application, moderator=by)
        stored = HalfDecision.objects.select_for_update().get(application=application, moderator=by)
        form.merge_into(stored)
        stored.save()
