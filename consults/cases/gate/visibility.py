"""Visibility of cases and renditions: which member sees which, now."""

from collections.abc import Hashable
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone

from accounts.models import Member, verified_condition
from accounts.policy import RIGHTS, Scope, rights
from consent.models import Consent, ConsentUse, Status, Use, is_active
from consent.records.lookup import allows, covering
from consults.cases import exemption
from consults.cases.gate.models import AskedToSee, CaseHold
from consults.cases.models import PUBLISHED, Case, CasePhoto, CaseState, Release
from consults.groups.models import Membership
from consults.holds import HIDING
from imaging.models import Photo, Rendition, State
from vocabulary import terms


def asked_by(member: Member) -> Hashable:
    """Return everything but ids that the conditions below depend on: the key of a query in `core.prepared`."""
    now = timezone.now()
    return (
        member.may_see_cases,
        member.may_moderate,
        member.profession,
        settings.HISTOLOGY_EXEMPTION,
        timezone.localdate(now),
        now.date(),
    )


class _Somebody:
    """Stands for any member at all."""


SOMEBODY = _Somebody()
NOBODY = Q(pk__in=[])
# A follow-up is no case of its own: no page, list, count or search has it.
_WHOLE = Q(follows__isnull=True)


def _is_covered(*, exempt: Q) -> Q:
    """Return the condition: an active consent for the case's audience, an education model, or exempt histology.

    Threat: a case is declared a model after its patient refused, or allowed less than its author wants to show.
    """
    uses = ConsentUse.objects.filter(
        Q(use=Use.ALL_MEMBERS) | Q(use=Use.NAMED_GROUP, scope=OuterRef("group_id")), consent=OuterRef("consent_id")
    )
    not_asked = Q(consent__isnull=True) | Q(consent__status=Status.ENTERED_IN_ERROR)
    as_model = Q(education_model=True) & not_asked
    return as_model | exempt | (is_active("consent__") & Q(Exists(uses)))


def _release_matches() -> Q:
    """Return the condition that a release of the present content exists, on the present basis."""
    same = Release.objects.filter(case=OuterRef("pk"), content_sha256=OuterRef("content_sha256"))
    with_consent = same.filter(basis=Release.Basis.CONSENT, consent_id=OuterRef("consent_id"))
    as_model = same.filter(basis=Release.Basis.EDUCATION_MODEL)
    exempt = same.filter(basis=Release.Basis.HISTOLOGY)
    of_patient = Q(Exists(with_consent)) | (Q(histology_exempt=True, consent__isnull=True) & Q(Exists(exempt)))
    return (Q(education_model=False) & of_patient) | (Q(education_model=True) & Q(Exists(as_model)))


def _audience(member: Member) -> Q | None:
    """Return the condition for cases addressed to this member, by group and profession; None when there are none."""
    mine = Q(Exists(Membership.objects.filter(member=member, group_id=OuterRef("group_id"))))
    return _within(rights(member).see_cases, mine=mine, openly=Q(group__isnull=True))


def _somebodys_audience() -> Q:
    """Return the condition for cases addressed to at least one member who may see cases today, or their own."""
    readers = Member.objects.verified().filter(is_privacy_officer=False, is_staff=False)
    found = Q(Exists(readers.filter(pk=OuterRef("author_id"))))
    for scope in Scope:
        alike = readers.filter(profession__in=[job for job, right in RIGHTS.items() if right.see_cases == scope])
        mine = Q(Exists(Membership.objects.filter(member__in=alike, group_id=OuterRef("group_id"))))
        within = _within(scope, mine=mine, openly=Q(Exists(alike), group__isnull=True))
        if within is not None:
            found |= within
    return found


def _within(scope: Scope, *, mine: Q, openly: Q) -> Q | None:
    """Return the condition for cases in a scope, given those in own groups (`mine`) and outside groups (`openly`)."""
    in_reach = openly | mine
    if scope == Scope.ALL:
        return in_reach
    if scope == Scope.OPTED_IN:
        return mine & Q(group__open_to_nurses=True)
    if scope == Scope.TEACHING:
        return in_reach & Q(kind=terms.CaseKind.TEACHING, state=CaseState.CLOSED)
    return None


def visible_cases(member: object) -> QuerySet[Case]:
    """Return the cases visible to this member now; their own outside the audience too, if released and covered.

    For SOMEBODY: the cases visible to at least one member.
    """
    if isinstance(member, Member):
        audience = _audience(member)
        if audience is not None:
            audience |= Q(author=member)
    else:
        audience = _somebodys_audience() if member is SOMEBODY else None
    if audience is None:
        return Case.objects.none()
    return _shown(exempt=exemption.is_exempt()).filter(_WHOLE, audience)


def cases_to_look_at(member: object) -> QuerySet[Case]:
    """Return the visible cases whose pictures this member may look at now."""
    return visible_cases(member).filter(_asked_where_needed(member))


def _asked_where_needed(member: object) -> Q:
    """Return the condition that a case is not sensitive, one's own, or that the member asked for its pictures today.

    Threat: somebody leafs through the cases in a train, and a child's picture is on the screen; and a profession that
    does not need to see such pictures in order to help.
    """
    if not isinstance(member, Member):
        return Q()
    alike = Q(sensitive=[]) | Q(author=member)
    if not rights(member).sensitive:
        return alike
    asked = AskedToSee.objects.filter(case=OuterRef("pk"), member=member, day=timezone.localdate())
    return alike | Q(Exists(asked))


def visible_additions(member: object) -> QuerySet[Case]:
    """Return the follow-ups whose pictures this member may look at now: shown themselves, of a case that is open.

    They open with the discussion: to the case's author, with an answer of one's own, or when it is closed. Threat: a
    histology that was added later tells a blind answer what it should be. For SOMEBODY, as in `visible_cases`.
    """
    parents = cases_to_look_at(member).filter(_opened_by(member), pk=OuterRef("follows"))
    # Its consent covers its own audience, which is that of its case unless somebody has changed one of them.
    same = Q(group__isnull=True) | Q(group=F("follows__group"))
    return _shown(exempt=exemption.is_exempt()).filter(~_WHOLE & same, Exists(parents))


def _opened_by(member: object) -> Q:
    if not isinstance(member, Member):
        return Q()
    return Q(author=member) | Q(state=CaseState.CLOSED) | Q(answers__member=member)


def additions_of(case: Case | OuterRef) -> QuerySet[Case]:
    """Return the follow-ups of a case that some of its readers see today."""
    return _shown(exempt=exemption.is_exempt()).filter(follows=case)


def listable_cases() -> QuerySet[Case]:
    """Return the cases that their audience sees today, or would if the site made the histology exemption.

    Who is in the audience, and that setting, are asked of each reader (`gate.listing`).
    """
    return _shown(exempt=exemption.could_be_exempt()).filter(_WHOLE)


def _shown(*, exempt: Q) -> QuerySet[Case]:
    return _shown_but_for_holds(exempt=exempt).filter(~_is_held())


def _shown_but_for_holds(*, exempt: Q) -> QuerySet[Case]:
    return Case.objects.filter(
        _is_covered(exempt=exempt), _release_matches(), verified_condition("author__"), state__in=PUBLISHED
    )


def _is_held() -> Q:
    """Return the condition that a moderator has hidden the case, and nobody has lifted that."""
    return Q(Exists(CaseHold.objects.filter(case=OuterRef("pk"), state__in=HIDING)))


def held_cases(member: object) -> QuerySet[Case]:
    """Return the hidden cases that this moderator may look at to decide: in their audience, and never their own."""
    if not isinstance(member, Member) or not member.may_moderate:
        return Case.objects.none()
    shown = _shown_but_for_holds(exempt=exemption.is_exempt())
    return shown.filter(_WHOLE, _audience(member) or NOBODY, _is_held()).exclude(author=member)


def held_additions(member: object) -> QuerySet[Case]:
    """Return the follow-ups that this moderator may look at to decide about a hidden case.

    Those that are open to them anyway, and those of which a report names a picture. Threat: of the others the decision
    needs nothing, and a histology that was added later tells whoever could still answer blind.
    """
    if not isinstance(member, Member) or not member.may_moderate:
        return Case.objects.none()
    parents = held_cases(member).filter(pk=OuterRef("follows"))
    named = Q(Exists(CasePhoto.objects.filter(case=OuterRef("pk"), photo__reports__isnull=False)))
    opened = Q(Exists(parents.filter(_opened_by(member))))
    shown = _shown_but_for_holds(exempt=exemption.is_exempt())
    return shown.filter(opened | (named & Q(Exists(parents))), ~_WHOLE)


def _as_released() -> Q:
    """Return the condition for renditions that are as they were released, in the case for which they were."""
    return Q(
        release__case=F("photo__placement__case"),
        release__content_sha256=F("release__case__content_sha256"),
        photo__state=State.SEALED,
        sha256=F("release__sha256"),
    )


def visible_renditions(member: object) -> QuerySet[Rendition]:
    """Return the renditions that this member may see now: released, unchanged, in a visible case or its follow-up."""
    # Exists() asks the gate case by case; IN would evaluate it for all cases, for one picture too.
    here = OuterRef("release__case")
    shown = Q(Exists(cases_to_look_at(member).filter(pk=here))) | Q(Exists(visible_additions(member).filter(pk=here)))
    return Rendition.objects.filter(shown, _as_released())


def visible_cases_with_thumbnails(member: object) -> QuerySet[Case]:
    """Return `visible_cases`, each with `thumbnail`: the id and the kind of its first visible thumbnail, or None.

    A rendition is visible when its case is; this question has just been answered for the row, in the same statement.
    None of a sensitive case, whoever looks: a list shows what nobody has asked for.
    """
    plain = Q(release__case=OuterRef("pk"), release__case__sensitive=[])
    first = (
        Rendition.objects.filter(_as_released(), plain, name=Rendition.Name.THUMBNAIL)
        .order_by("photo__placement__position", "photo__placement__id")
        .values(found=JSONObject(id="pk", kind="photo__placement__kind"))
    )
    return visible_cases(member).annotate(thumbnail=Subquery(first[:1]))


def cases_to_second_read(member: object) -> QuerySet[Case]:
    """Return submitted cases that this moderator may second-read: covered, and never their own.

    A case for one group is read by a moderator of that group: its patient allowed nobody else.
    """
    if not isinstance(member, Member) or not member.may_moderate:
        return Case.objects.none()
    mine = Membership.objects.filter(member=member, group_id=OuterRef("group_id"))
    return Case.objects.filter(
        Q(group__isnull=True) | Q(Exists(mine)),
        _is_covered(exempt=exemption.is_exempt()),
        verified_condition("author__"),
        state=CaseState.SUBMITTED,
    ).exclude(author=member)


def own_cases(member: object) -> QuerySet[Case]:
    """Return a member's own cases in every state; withdrawn ones have no content any more."""
    if not isinstance(member, Member) or not rights(member).see_cases:
        return Case.objects.none()
    return Case.objects.filter(author=member)


def audience_not_allowed(case: Case) -> bool:
    """Whether the consent of this case is active and does not allow its audience."""
    consent = case.consent
    if consent is None or not Consent.objects.active().filter(pk=consent.pk).exists():
        return False
    return not covering(group_id=case.group_id).filter(pk=consent.pk).exists()


def photos_not_allowed(case: Case) -> QuerySet[Photo]:
    """Return the photos of this case with a face or mark that its consent does not (any more) allow."""
    shows = Q(pk__in=[])
    if case.consent is not None and not allows(consent=case.consent, use=Use.RECOGNISABLE_FACE):
        shows |= Q(shows_face=True)
    if case.consent is not None and not allows(consent=case.consent, use=Use.IDENTIFIABLE_MARK):
        shows |= Q(shows_mark=True)
    return Photo.objects.filter(shows, placement__case=case).exclude(state=State.WITHDRAWN)


_WITHDRAWN = Q(consent__status__in=(Status.WITHDRAWN, Status.REFUSED)) | Q(state=CaseState.WITHDRAWN)


def _backstage(member: object, case: OuterRef) -> Q:
    """Return the condition that this member works on a case that others do not see: to second-read, hidden, or own."""
    mine = own_cases(member).exclude(_WITHDRAWN)
    rows = (cases_to_second_read(member), held_cases(member), held_additions(member), mine)
    found = Q()
    for cases in rows:
        found |= Q(Exists(cases.filter(pk=case)))
    return found


def servable_renditions(member: object) -> QuerySet[Rendition]:
    """Return the renditions that the byte-streaming view may send: visible, to second-read, held, or own.

    None of them, not even to the author, after the patient withdrew or refused.
    """
    here = OuterRef("photo__placement__case")
    backstage = _backstage(member, here)
    return Rendition.objects.filter(
        Q(Exists(visible_renditions(member).filter(pk=OuterRef("pk")))) | (backstage & Q(photo__state=State.SEALED))
    )


def servable_rendition(member: object, pk: UUID) -> QuerySet[Rendition]:
    """Return this rendition if it is in `servable_renditions`: the same rules, asked for one key.

    In this form the release is found from the rendition, so that the database looks at one case only.
    """
    case = OuterRef("photo__placement__case")
    as_released = Q(
        pk=case,
        releases__rendition=OuterRef("pk"),
        releases__sha256=OuterRef("sha256"),
        releases__content_sha256=F("content_sha256"),
    )
    visible = Q(Exists(cases_to_look_at(member).filter(as_released)))
    visible |= Q(Exists(visible_additions(member).filter(as_released)))
    return Rendition.objects.filter(visible | _backstage(member, case), pk=pk, photo__state=State.SEALED)


def pictures_of(case: Case) -> QuerySet[CasePhoto]:
    """Return the pictures of a case in order, with renditions prefetched."""
    return case.pictures.select_related("photo").prefetch_related("photo__renditions")
