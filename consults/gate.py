"""The one door between cases and members.

Members see a picture only through a `Release` row that still matches: same bytes, same words, an active
consent that covers the audience, an author who is still verified. Every page, list, search, count, notice
and the byte-streaming view asks `visible_cases` or `visible_renditions` and nothing else, so that a
withdrawal acts on the next request.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import Member
from accounts.policy import Scope, rights
from audit.record import record
from consent.models import Assent, Capacity, Consent, ConsentUse, Shown, Status, Use
from consent.service import allows, covering
from consults import exemption, identifiers
from consults.models import Case, CasePhoto, CaseState, Membership, Release
from consults.models.cases import PUBLISHED
from consults.vocabulary import terms
from imaging.models import Photo, Rendition, State
from imaging.review import eyes_settled


class Blocked(Exception):
    """The case cannot be released; `blockers` say why."""

    def __init__(self, blockers: list["Blocker"]) -> None:
        super().__init__(", ".join(b.code for b in blockers))
        self.blockers = blockers


@dataclass(frozen=True)
class Blocker:
    """One thing that is still missing: a code, a sentence for the author, and the step that mends it."""

    code: str
    sentence: str
    step: str


# --- Who sees what


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
    scope = rights(member).see_cases
    mine = Q(Exists(Membership.objects.filter(member=member, group_id=OuterRef("group_id"))))
    in_reach = Q(group__isnull=True) | mine
    if scope == Scope.ALL:
        return in_reach
    if scope == Scope.OPTED_IN:
        return mine & Q(group__open_to_nurses=True)
    if scope == Scope.TEACHING:
        return in_reach & Q(kind=terms.CaseKind.TEACHING, state=CaseState.CLOSED)
    return None


def visible_cases(member: object) -> QuerySet[Case]:
    """Cases that this member may see now. The author's own are here too, under the same conditions."""
    if not isinstance(member, Member):
        return Case.objects.none()
    audience = _audience(member)
    if audience is None:
        return Case.objects.none()
    today = timezone.localdate()
    return Case.objects.filter(
        audience | (Q(author=member) & _no_teaching_only(member)),
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


def servable_renditions(member: object) -> QuerySet[Rendition]:
    """What the byte-streaming view may send: visible ones, those up for review, and one's own.

    Never again, not even to the author, after the patient withdrew or refused.
    """
    withdrawn = Q(consent__status__in=(Status.WITHDRAWN, Status.REFUSED)) | Q(state=CaseState.WITHDRAWN)
    backstage = Q(photo__placement__case__in=reviewable_cases(member)) | Q(
        photo__placement__case__in=own_cases(member).exclude(withdrawn)
    )
    return Rendition.objects.filter(
        Q(pk__in=visible_renditions(member).values("pk")) | (backstage & Q(photo__state=State.SEALED))
    )


# --- What is still missing

REQUIRED = ("title", "note", "question", "age_band", "sex", "site", "duration", "morphology", "differential")
LOST = (State.REFUSED, State.EXPIRED, State.WITHDRAWN)  # pictures that can only be removed


def blockers(case: Case) -> list[Blocker]:
    """Everything that keeps this case from being released, in plain words, in the order of the steps."""
    return [blocker for check in _CHECKS for blocker in check(case)]


def _picture_blockers(case: Case) -> Iterator[Blocker]:
    pictures = list(case.pictures.select_related("photo").prefetch_related("photo__regions"))
    if not pictures:
        yield Blocker("no_pictures", _("Add at least one picture."), "pictures")
    for number, picture in enumerate(pictures, start=1):
        name = {"number": number}
        sentence = {
            State.RECEIVED: _("Picture %(number)s is still being checked. Wait a moment."),
            State.REFUSED: _("Picture %(number)s could not be used. Remove it, or add another one."),
            State.EXPIRED: _(
                "Picture %(number)s was not reviewed in time and was destroyed. Remove it and add it again."
            ),
            State.REVIEW: _("Review the masks of picture %(number)s and confirm them."),
            State.CONFIRMED: _("Picture %(number)s is being sealed. Wait a moment."),
            State.WITHDRAWN: _(
                "Picture %(number)s was withdrawn by the patient and is being destroyed. Wait a moment."
            ),
        }.get(State(picture.photo.state))
        if sentence:
            step = "studio" if picture.photo.state == State.REVIEW else "pictures"
            yield Blocker(f"picture_{picture.photo.state}", sentence % name, step)
        # Asked at the confirmation already; the type or the body site may have been changed after it.
        if picture.photo.state == State.SEALED and picture.may_show_eyes and not eyes_settled(photo=picture.photo):
            sentence = _("Eyes could be on picture %(number)s. Choose “Cover more”: cover them or say there are none.")
            yield Blocker("picture_eyes", sentence % name, "pictures")
        if picture.photo.state in LOST:
            continue  # there is nothing to say about it any more
        if not picture.kind:
            yield Blocker("picture_kind", _("Say what kind of picture number %(number)s is.") % name, "pictures")
        if picture.kind == terms.PictureKind.HISTOLOGY and not picture.stain:
            yield Blocker("picture_stain", _("Choose the stain of picture %(number)s.") % name, "pictures")
        if picture.kind == terms.PictureKind.DERMOSCOPY and not picture.mode:
            yield Blocker("picture_mode", _("Choose the dermoscopy mode of picture %(number)s.") % name, "pictures")


def _fact_blockers(case: Case) -> Iterator[Blocker]:
    missing = [str(_label(case, name)) for name in REQUIRED if not getattr(case, name)]
    if missing:
        yield Blocker("facts", _("Fill in: %(fields)s.") % {"fields": ", ".join(missing)}, "facts")


def _label(case: Case, name: str) -> str | Promise:
    return case._meta.get_field(name).verbose_name  # type: ignore[union-attr]


def _word_blockers(case: Case) -> Iterator[Blocker]:
    texts = [(_label(case, name), getattr(case, name)) for name in ("title", "note", "treatments")]
    # An owner may be named; what else a source says must not point at the patient.
    named = (identifiers.Kind.NAME, identifiers.Kind.LINK, identifiers.Kind.HANDLE, identifiers.Kind.EMAIL)
    for finding in identifiers.find(case.source):
        if finding.kind not in named:
            sentence = _("In “%(field)s”: %(sentence)s") % {
                "field": _label(case, "source"),
                "sentence": finding.sentence,
            }
            yield Blocker("identifier", sentence, "facts")
    captions = case.pictures.exclude(caption="").values_list("caption", flat=True)
    texts += [(_("caption"), caption) for caption in captions]
    for label, text in texts:
        for finding in identifiers.find(text):
            yield Blocker(
                "identifier",
                _("In “%(field)s”: %(sentence)s") % {"field": label, "sentence": finding.sentence},
                "pictures" if label == _("caption") else "facts",
            )


def _consent_blockers(case: Case) -> Iterator[Blocker]:
    consent = case.consent
    if case.education_model:
        if consent is None or consent.status == Status.ENTERED_IN_ERROR:
            return
        sentence = _("A patient was asked about this case, so it is no education model. Take that tick away.")
        yield Blocker("model_has_patient", sentence, "facts")
    if consent is None and case.histology_exempt:
        yield from (Blocker(code, sentence, "consent") for code, sentence in exemption.problems(case))
        return
    if consent is None:
        yield Blocker("no_consent", _("Record the patient's consent."), "consent")
        return
    if consent.status == Status.REFUSED:
        yield Blocker("consent_refused", _("The patient said no. Delete this draft."), "consent")
        return
    if consent.status == Status.DRAFT:
        yield Blocker("consent_draft", _("The consent is a draft: nobody has signed it yet."), "consent")
        return
    if not Consent.objects.active().filter(pk=consent.pk).exists():
        yield Blocker(
            "consent_not_active", _("The consent is no longer active. Ask again and record a new one."), "consent"
        )
        return
    if not covering(group_id=case.group_id).filter(pk=consent.pk).exists():
        yield Blocker(
            "consent_audience",
            _("The consent does not allow this audience. Choose another audience, or ask the patient again."),
            "consent",
        )
    yield from _child_blockers(case, consent)
    photos = [picture.photo for picture in case.pictures.select_related("photo")]
    if any(photo.shows_face for photo in photos) and not allows(consent=consent, use=Use.RECOGNISABLE_FACE):
        yield Blocker(
            "consent_face", _("A face is uncovered, but the patient did not allow a recognisable face."), "consent"
        )
    if any(photo.shows_mark for photo in photos) and not allows(consent=consent, use=Use.IDENTIFIABLE_MARK):
        yield Blocker(
            "consent_mark",
            _("A tattoo, birthmark or scar is visible, but the patient did not allow an identifiable mark."),
            "consent",
        )
    if consent.shown == Shown.SHOWN and not _as_shown(case, consent):
        yield Blocker(
            "consent_pictures",
            _("The pictures have changed since the patient saw them. Show them again and record a new consent."),
            "consent",
        )


def _child_blockers(case: Case, consent: Consent) -> Iterator[Blocker]:
    if not case.age_band or consent.capacity == Capacity.DECEASED:
        return
    is_child = terms.AgeBand(case.age_band).is_child
    if not is_child and consent.capacity == Capacity.CHILD:
        sentence = _("By the age band the patient has come of age and decides. Ask the patient and record it.")
        yield Blocker("consent_adult", sentence, "consent")
    elif not is_child:
        return
    elif consent.capacity != Capacity.CHILD:
        sentence = _("The patient is a child: a guardian decides. Record the consent as a child's.")
        yield Blocker("consent_child", sentence, "consent")
    elif consent.assent != Assent.AGREED and case.age_band not in (terms.AgeBand.UNDER_1, terms.AgeBand.FROM_1):
        sentence = _("From age 7 the child is asked too. Record a consent that says that the child agrees.")
        yield Blocker("consent_assent", sentence, "consent")


def _as_shown(case: Case, consent: Consent) -> bool:
    now = set(
        Rendition.objects.filter(photo__placement__case=case, name=Rendition.Name.DISPLAY).values_list(
            "sha256", flat=True
        )
    )
    return now <= set(consent.shown_pictures.values_list("sha256", flat=True))


def _author_blockers(case: Case) -> Iterator[Blocker]:
    if not case.author.is_verified:
        yield Blocker("author", _("Your membership is not active. Renew it first."), "check")
    elif not rights(case.author).post:
        yield Blocker(
            "author_rights", _("You can post once a verified specialist is named as your supervisor."), "check"
        )
    if case.group_id and not Membership.objects.filter(group=case.group_id, member=case.author).exists():
        yield Blocker("group", _("You do not belong to this group. Choose another audience."), "consent")


_CHECKS: tuple[Callable[[Case], Iterator[Blocker]], ...] = (
    _picture_blockers,
    _fact_blockers,
    _word_blockers,
    _consent_blockers,
    _author_blockers,
)


# --- Release


class NotYours(Exception):
    """Nobody releases their own case."""


@transaction.atomic
def release(*, case: Case, by: Member) -> Case:
    """Make a submitted case visible to its audience; return it as saved.

    Locks the consent row first, as a withdrawal does, then the case, and checks everything again under
    the locks. Raises Blocked, NotYours.
    """
    if case.consent_id is not None:
        Consent.objects.select_for_update().get(pk=case.consent_id)
    locked = Case.objects.select_for_update(of=("self",)).select_related("author").get(pk=case.pk)
    if locked.author_id == by.pk:
        raise NotYours
    if locked.consent_id != case.consent_id or locked.state != CaseState.SUBMITTED:
        raise Blocked([Blocker("changed", _("The case has changed in the meantime. Reload the page."), "check")])
    missing = blockers(locked)
    if missing:
        raise Blocked(missing)
    locked.state = CaseState.RELEASED
    locked.released_at = timezone.now()
    locked.save(update_fields=["state", "released_at"])
    Release.objects.filter(case=locked).delete()
    renditions = list(Rendition.objects.filter(photo__placement__case=locked))
    basis = basis_of(locked)
    Release.objects.bulk_create(
        Release(
            case=locked,
            rendition=rendition,
            basis=basis,
            consent_id=locked.consent_id if basis == Release.Basis.CONSENT else None,
            approver=by,
            sha256=rendition.sha256,
            content_sha256=locked.content_sha256,
        )
        for rendition in renditions
    )
    Member.objects.filter(pk=locked.author_id).update(posts_released=F("posts_released") + 1)
    record(
        verb="case.released",
        actor=by,
        subject=("case", locked.id),
        basis=str(basis),
        consent=None if locked.consent_id is None else str(locked.consent_id),
        pictures=sorted(rendition.sha256 for rendition in renditions),
        words=locked.content_sha256,
    )
    return locked


def basis_of(case: Case) -> Release.Basis:
    """Why this case may be shown, if it may."""
    if case.education_model:
        return Release.Basis.EDUCATION_MODEL
    exempt = case.histology_exempt and case.consent_id is None
    return Release.Basis.HISTOLOGY if exempt else Release.Basis.CONSENT


def pictures_of(case: Case) -> QuerySet[CasePhoto]:
    """The pictures of a case in order, with their renditions at hand."""
    return case.pictures.select_related("photo").prefetch_related("photo__renditions")
