"""Policy for consent forms: action -> rows."""

from django.db.models import QuerySet

from accounts.models import Member
from consent.forms.publishing import site_forms
from consent.models.forms import Form
from core.permissions import Policy


def forms_to_manage(member: object) -> QuerySet[Form]:
    """Return every form of the site, for privacy officers and administrators only."""
    if not isinstance(member, Member) or not (member.is_verified and member.is_officer):
        return Form.objects.none()
    return site_forms()


def drafts(member: object) -> QuerySet[Form]:
    """Return forms that are still drafts."""
    return forms_to_manage(member).filter(published_at__isnull=True)


POLICY: Policy = {
    "form.view": forms_to_manage,
    "form.edit": drafts,
}
