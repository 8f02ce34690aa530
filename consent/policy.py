"""Who may do what with consent forms: action -> rows."""

from django.db.models import QuerySet

from accounts.models import Member
from consent.forms.publishing import forms_of_the_house
from consent.models.forms import Form
from core.permissions import Policy


def forms_to_manage(member: object) -> QuerySet[Form]:
    """Every form of the house, for privacy officers and administrators."""
    if not isinstance(member, Member) or not (member.is_verified and member.is_officer):
        return Form.objects.none()
    return forms_of_the_house()


def drafts(member: object) -> QuerySet[Form]:
    """Forms whose words may still change."""
    return forms_to_manage(member).filter(published_at__isnull=True)


POLICY: Policy = {
    "form.view": forms_to_manage,
    "form.edit": drafts,
}
