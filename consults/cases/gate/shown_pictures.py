"""The pictures of a case beside those that its patient was shown: the same, or covered more since."""

from django.db.models import Exists, OuterRef, Q

from consent.models import Consent, ShownPicture
from imaging.models import CoveredMore, Rendition


def shows_more_than_shown(*, photo: str) -> Q:
    """In a query within one of cases: the condition for pictures that show more than the case's patient was shown.

    Neither one of the pictures shown, by SHA-256, nor proved to show a subset of one. `photo` is the column of the
    photo in the inner query.
    """
    further_out = ShownPicture.objects.filter(consent=OuterRef(OuterRef(OuterRef("consent_id")))).values("sha256")
    less = CoveredMore.objects.filter(photo=OuterRef(photo), after=OuterRef("sha256"), before__in=further_out)
    return differs_from_shown() & ~Q(Exists(less))


def differs_from_shown() -> Q:
    """In a query within one of cases: the condition for pictures that are none of those that the patient was shown."""
    here = ShownPicture.objects.filter(consent=OuterRef(OuterRef("consent_id"))).values("sha256")
    return ~Q(sha256__in=here)


def covered_more_since(consent: Consent) -> list[CoveredMore]:
    """Return the pictures under a consent that cover more now than when its patient saw them, in their order."""
    shown = consent.shown_pictures.values("sha256")
    current = Rendition.objects.filter(photo=OuterRef("photo"), name=Rendition.Name.DISPLAY, sha256=OuterRef("after"))
    found = CoveredMore.objects.filter(Exists(current), photo__placement__case__consent=consent, before__in=shown)
    return list(
        found.select_related("photo__placement").order_by("photo__placement__case", "photo__placement__position", "pk")
    )
