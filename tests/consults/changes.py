"""Changes of a case, its consent, pictures or author that bypass the services, for tables of tests."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Member
from consent.models import Consent, ConsentUse, ShownPicture, Status, Use
from consults.models import Case, Group, Membership
from imaging.models import Photo
from tests import factories
from tests.imaging import making


def as_of_now(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields with functions called: a table is written before midnight, its row may be tried after it."""
    return {name: value() if callable(value) else value for name, value in fields.items()}


def photo_of(case: Case) -> Photo:
    return Photo.objects.get(placement__case=case)


def photo_is(**fields: Any) -> Callable[[Case], object]:
    return lambda case: Photo.objects.filter(placement__case=case).update(**fields)


def picture_is(**fields: Any) -> Callable[[Case], object]:
    return lambda case: case.pictures.update(**fields)


def case_is(**fields: Any) -> Callable[[Case], object]:
    def change(case: Case) -> None:
        for name, value in fields.items():
            setattr(case, name, value)
        case.save()

    return change


def consent_is(**fields: Any) -> Callable[[Case], object]:
    return lambda case: Consent.objects.filter(pk=case.consent_id).update(**as_of_now(fields))


def author_is(**fields: Any) -> Callable[[Case], object]:
    return lambda case: Member.objects.filter(pk=case.author_id).update(**as_of_now(fields))


def shown_other_pictures(case: Case) -> None:
    consent_is(shown="shown")(case)
    ShownPicture.objects.create(consent_id=case.consent_id, sha256="0" * 64)


def moved_to_a_group(case: Case) -> None:
    case_is(group=Group.objects.create(name="Strangers"))(case)


def moved_among_strangers(case: Case) -> None:
    """To a group that has a moderator, and not the author."""
    moved_to_a_group(case)
    Membership.objects.create(group=case.group, member=factories.person("mod1"))


def moved_to_an_own_group(case: Case) -> None:
    """Whose other members are no moderators."""
    moved_to_a_group(case)
    Membership.objects.create(group=case.group, member=case.author)


def allowed_for_a_group_only(case: Case) -> None:
    group = Group.objects.create(name="Friends")
    ConsentUse.objects.filter(consent=case.consent_id).update(use=Use.NAMED_GROUP, scope=group.pk)


def model_under(status: Status) -> Callable[[Case], object]:
    """Declare a case an education model although it has a consent with this status."""

    def change(case: Case) -> None:
        case_is(education_model=True)(case)
        consent_is(status=status)(case)

    return change


def eyes(choice: str) -> Callable[[Case], object]:
    """Add found eyes with this decision, on a picture without the statement that it has none."""

    def change(case: Case) -> None:
        photo_is(no_eyes_stated=False)(case)
        making.region(photo_of(case), kind="eye", choice=choice, reason="a button")

    return change


def on_the_shin(case: Case) -> None:
    photo_is(no_eyes_stated=False)(case)
    case_is(site="shin")(case)


YESTERDAY = timezone.localdate() - timedelta(days=1)
