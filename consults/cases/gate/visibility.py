"""The one door between cases and members.

Members see a picture only through a `Release` row that still matches: same bytes, same words, an active
consent that covers the audience, an author who is still verified. Every page, list, search, count, notice
and the byte-streaming view asks `visible_cases` or `visible_renditions` and nothing else, so that a
withdrawal acts on the next request.
"""

from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Member
from accounts.policy import RIGHTS, Scope, rights
from consent.models import Consent, ConsentUse, Status, Use
from consent.records.lookup import allows, covering
from consults.cases import exemption
from consults.cases.models import PUBLISHED, Case, CasePhoto, CaseState, Release
from consults.groups.models import Membership
from imaging.models import Photo, Rendition, State
from vocabulary import terms


class _Somebody:
    """Any member at all."""


SOMEBODY = _Somebody()


def _covered() -> Q:
    """An active consent that allows the case's own audience, a model without a patient, or histology that is exempt.

    Threat: a case is called a model after its patient said no, or allowed less than its author wants to show.
    """
    active = Consent.objects.active().filter(pk=OuterRef("consent_id"))
    for_all = Exists(active.filter(Exists(ConsentUse.objects.filter(consent=OuterRef("pk"), use=Use.ALL_MEMBERS))))
    for_group = Exists(
        active.filter(
            Exists(
                ConsentUse.objects.filter(
                    consent=OuterRef("pk"), use=Use.NAMED_GROUP, scope=OuterRef(OuterRef("group_id"))
                )
            )
        )
    )
    asked = Exists(Consent.objects.exclude(status=Status.ENTERED_IN_ERROR).filter(pk=OuterRef("consent_id")))
    as_model = Q(education_model=True) & ~Q(asked)
    return as_model | exemption.stands() | Q(for_all) | (Q(group__isnull=False) & Q(for_group))


def _released_as_it_is() -> Q:
    """A release of these very words exists, on the basis that the case has now."""
    same = Release.objects.filter(case=OuterRef("pk"), content_sha256=OuterRef("content_sha256"))
    with_consent = same.filter(basis=Release.Basis.CONSENT, consent_id=OuterRef("consent_id"))
    as_model = same.filter(basis=Release.Basis.EDUCATION_MODEL)
    exempt = same.filter(basis=Release.Basis.HISTOLOGY)
    of_patient = Q(Exists(with_consent)) | (Q(histology_exempt=True, consent__isnull=True) & Q(Exists(exempt)))
    return (Q(education_model=False) & of_patient) | (Q(education_model=True) & Q(Exists(as_model)))


def _audience(member: Member) -> Q | None:
    """The cases meant for this member's eyes, by group and profession; None for nobody."""
    mine = Q(Exists(Membership.objects.filter(member=member, group_id=OuterRef("group_id"))))
    return _within(rights(member).see_cases, mine=mine, openly=Q(group__isnull=True))


def _somebodys_audience() -> Q:
    """The cases meant for the eyes of at least one member who may see cases today; their own among them."""
    readers = Member.objects.verified().filter(is_privacy_officer=False, is_staff=False)
    found = Q(Exists(readers.filter(pk=OuterRef("author_id"))))
    for scope in filter(None, Scope):
        alike = readers.filter(profession__in=[job for job, right in RIGHTS.items() if right.see_cases == scope])
        mine = Q(Exists(Membership.objects.filter(member__in=alike, group_id=OuterRef("group_id"))))
        within = _within(scope, mine=mine, openly=Q(Exists(alike), group__isnull=True))
        if within is not None:
            found |= within
    return found


def _within(scope: Scope, *, mine: Q, openly: Q) -> Q | None:
    """The cases within a scope: `mine` are those of one's groups, `openly` those outside any group."""
    in_reach = openly | mine
    if scope == Scope.ALL:
        return in_reach
    if scope == Scope.OPTED_IN:
        return mine & Q(group__open_to_nurses=True)
    if scope == Scope.TEACHING:
        return in_reach & Q(kind=terms.CaseKind.TEACHING, state=CaseState.CLOSED)
    return None


def visible_cases(member: object) -> QuerySet[Case]:
    """Cases that this member may see now. The author's own are here too, under the same conditions.

    Asked for SOMEBODY: what at least one member may see.
    """
    if isinstance(member, Member):
        audience = _audience(member)
        if audience is not None:
            audience |= Q(author=member) & _no_teaching_only(member)
    else:
        audience = _somebodys_audience() if member is SOMEBODY else None
    if audience is None:
        return Case.objects.none()
    today = timezone.localdate()
    return Case.objects.filter(
        audience,
        _covered(),
        _released_as_it_is(),
        state__in=PUBLISHED,
        author__standing="verified",
        author__verified_until__gte=today,
    )


def _no_teaching_only(member: Member) -> Q:
    """An author outside their own case's group still sees it, if their profession may see cases at all."""
    return Q() if rights(member).see_cases else Q(pk__in=[])


def visible_renditions(member: object) -> QuerySet[Rendition]:
    """Renditions that this member may see now: released, unchanged, in a visible case."""
    return Rendition.objects.filter(
        photo__state=State.SEALED,
        sha256=F("release__sha256"),
        release__case__in=visible_cases(member),
        release__case=F("photo__placement__case"),
        release__content_sha256=F("release__case__content_sha256"),
    )


def reviewable_cases(member: object) -> QuerySet[Case]:
    """Submitted cases that this moderator may second-read: never their own, never without a live consent."""
    if not isinstance(member, Member) or not member.may_moderate:
        return Case.objects.none()
    return Case.objects.filter(
        _covered(),
        state=CaseState.SUBMITTED,
        author__standing="verified",
        author__verified_until__gte=timezone.localdate(),
    ).exclude(author=member)


def own_cases(member: object) -> QuerySet[Case]:
    """A member's own cases in every state; what was withdrawn has no content any more."""
    if not isinstance(member, Member) or not rights(member).see_cases:
        return Case.objects.none()
    return Case.objects.filter(author=member)


def uncovered(case: Case) -> bool:
    """Whether the consent of this case is active and does not allow its audience."""
    consent = case.consent
    if consent is None or not Consent.objects.active().filter(pk=consent.pk).exists():
        return False
    return not covering(group_id=case.group_id).filter(pk=consent.pk).exists()


def uncovered_photos(case: Case) -> QuerySet[Photo]:
    """Photos of this case that show a face or a mark which its consent does not (any more) allow to be shown."""
    shows = Q(pk__in=[])
    if case.consent is not None and not allows(consent=case.consent, use=Use.RECOGNISABLE_FACE):
        shows |= Q(shows_face=True)
    if case.consent is not None and not allows(consent=case.consent, use=Use.IDENTIFIABLE_MARK):
        shows |= Q(shows_mark=True)
    return Photo.objects.filter(shows, placement__case=case).exclude(state=State.WITHDRAWN)


_WITHDRAWN = Q(consent__status__in=(Status.WITHDRAWN, Status.REFUSED)) | Q(state=CaseState.WITHDRAWN)


def servable_renditions(member: object) -> QuerySet[Rendition]:
    """What the byte-streaming view may send: visible ones, those up for review, and one's own.

    Never again, not even to the author, after the patient withdrew or refused.
    """
    backstage = Q(photo__placement__case__in=reviewable_cases(member)) | Q(
        photo__placement__case__in=own_cases(member).exclude(_WITHDRAWN)
    )
    return Rendition.objects.filter(
        Q(pk__in=visible_renditions(member).values("pk")) | (backstage & Q(photo__state=State.SEALED))
    )


def servable_rendition(member: object, pk: UUID) -> QuerySet[Rendition]:
    """`servable_renditions` of this one, asked from its key: every condition looks at one case and no other.

    The same rows by the same rules; the other form reads every case before it looks at the key.
    """
    case = OuterRef("photo__placement__case")
    visible = visible_cases(member).filter(
        pk=case,
        releases__rendition=OuterRef("pk"),
        releases__sha256=OuterRef("sha256"),
        releases__content_sha256=F("content_sha256"),
    )
    backstage = Q(Exists(reviewable_cases(member).filter(pk=case))) | Q(
        Exists(own_cases(member).exclude(_WITHDRAWN).filter(pk=case))
    )
    return Rendition.objects.filter(Q(Exists(visible)) | backstage, pk=pk, photo__state=State.SEALED)


def pictures_of(case: Case) -> QuerySet[CasePhoto]:
    """The pictures of a case in order, with their renditions at hand."""
    return case.pictures.select_related("photo").prefetch_related("photo__renditions")
