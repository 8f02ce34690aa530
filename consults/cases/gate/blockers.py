"""Blockers of a release, as sentences for the author, in the order of the steps."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, prefetch_related_objects
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.conduct.standing import has_passed
from accounts.models import Member
from accounts.policy import rights
from consent.models import Assent, Capacity, Consent, ConsentUse, Shown, Status, Use
from consent.records.lookup import covering
from consults.cases import exemption, same_patient
from consults.cases.gate.shown_pictures import shows_more_than_shown
from consults.cases.gate.visibility import listable_cases
from consults.cases.models import SOLUTION, Attachment, Case, CasePhoto
from consults.findings import sentence
from consults.groups.models import Membership
from imaging.models import Rendition, State
from imaging.review.confirmation import eyes_settled
from screening import identifiers
from vocabulary import terms


@dataclass(frozen=True)
class Blocker:
    """One reason against a release: a code, a sentence for the author, and the step that resolves it."""

    code: str
    sentence: str
    step: str


REQUIRED_FACTS = ("title", "note", "question", "age_band", "sex", "site", "duration", "morphology", "differential")
REQUIRED_OF_ADDITIONS = ("addition", "after", "note")  # the other facts are those of the case that it follows
UNUSABLE_STATES = (State.REFUSED, State.EXPIRED, State.WITHDRAWN)  # these pictures can only be removed


def blockers(case: Case) -> list[Blocker]:
    """Return everything that keeps this case from being released, in the order of the steps."""
    return blockers_of([case])[case.pk]


def blockers_of(
    cases: Sequence[Case], *, pictures: dict[UUID, list[CasePhoto]] | None = None
) -> dict[UUID, list[Blocker]]:
    """Return the blockers of each of these cases, in the same few queries whatever their number.

    `pictures`, from `pictures_by_case` in the same transaction, saves two of them.
    """
    if not cases:
        return {}
    placed = pictures_by_case(cases) if pictures is None else pictures
    prefetch_related_objects(list(cases), "author__supervisor", "consent", "follows")
    known = {facts["pk"]: facts for facts in _facts(cases)}
    return {
        case.pk: [
            blocker
            for check in _CHECKS
            for blocker in check(_LoadedCase(case, placed.get(case.pk, []), known[case.pk]))
        ]
        for case in cases
    }


def pictures_by_case(cases: Iterable[Case]) -> dict[UUID, list[CasePhoto]]:
    """Return the pictures of these cases in order, with photos and regions, by case id. Two queries."""
    known = {case.pk: case for case in cases}
    found: dict[UUID, list[CasePhoto]] = {pk: [] for pk in known}
    rows = CasePhoto.objects.filter(case__in=known).select_related("photo").prefetch_related("photo__regions")
    for picture in rows.order_by("position", "id"):
        picture.case = known[picture.case_id]
        found[picture.case_id].append(picture)
    return found


@dataclass(frozen=True)
class _LoadedCase:
    """A case with its pictures and the facts about its consent and audience from other tables."""

    case: Case
    pictures: list[CasePhoto]
    facts: Mapping[str, object]


def _facts(cases: Iterable[Case]) -> Iterable[Mapping[str, object]]:
    """Query the facts in other tables: whether the consent is active, covers the audience, and what it allows."""
    consent = Consent.objects.active().filter(pk=OuterRef("consent_id"))
    covers = covering(group_id=OuterRef(OuterRef("group_id"))).filter(pk=OuterRef("consent_id"))
    uses = ConsentUse.objects.filter(consent=OuterRef("consent_id"))
    display = Rendition.objects.filter(photo__placement__case=OuterRef("pk"), name=Rendition.Name.DISPLAY)
    attached = Attachment.objects.filter(case=OuterRef("pk"), consent=OuterRef("consent_id"), ended_at=None)
    belongs = Membership.objects.filter(group=OuterRef("group_id"), member=OuterRef("author_id"))
    moderators = Member.objects.moderators().exclude(pk=OuterRef(OuterRef("author_id")))
    readers = Membership.objects.filter(group=OuterRef("group_id"), member__in=moderators)
    return Case.objects.filter(pk__in=[case.pk for case in cases]).values(
        "pk",
        consent_is_active=Exists(consent),
        audience_is_covered=Exists(covers),
        face_is_allowed=Exists(uses.filter(use=Use.RECOGNISABLE_FACE)),
        mark_is_allowed=Exists(uses.filter(use=Use.IDENTIFIABLE_MARK)),
        consent_is_attached=Exists(attached),
        is_another_patient=Exists(same_patient.of_another_patient()),
        unseen_by_patient=Exists(display.filter(shows_more_than_shown(photo="photo"))),
        followed_is_shown=Exists(listable_cases().filter(pk=OuterRef("follows"))),
        author_in_group=Exists(belongs),
        group_has_reader=Exists(readers),
    )


def _picture_blockers(about: _LoadedCase) -> Iterator[Blocker]:
    if not about.pictures:
        yield Blocker("no_pictures", _("Add at least one picture."), "pictures")
    for number, picture in enumerate(about.pictures, start=1):
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
        if picture.photo.awaits_choice:
            sentence = _("The file of picture %(number)s holds several pictures. Choose which ones.")
        if sentence:
            step = "studio" if picture.photo.state == State.REVIEW else "pictures"
            yield Blocker(f"picture_{picture.photo.state}", sentence % name, step)
        # Checked at the confirmation already, but picture type or body site may have changed since.
        if picture.photo.state == State.SEALED and picture.may_show_eyes and not eyes_settled(photo=picture.photo):
            sentence = _("Eyes could be on picture %(number)s. Choose “Cover more”: cover them or say there are none.")
            yield Blocker("picture_eyes", sentence % name, "pictures")
        if picture.photo.state in UNUSABLE_STATES:
            continue  # its details no longer matter
        if not picture.kind:
            yield Blocker("picture_kind", _("Say what kind of picture number %(number)s is.") % name, "pictures")
        if picture.kind == terms.PictureKind.HISTOLOGY and not picture.stain:
            yield Blocker("picture_stain", _("Choose the stain of picture %(number)s.") % name, "pictures")
        if picture.kind == terms.PictureKind.DERMOSCOPY and not picture.mode:
            yield Blocker("picture_mode", _("Choose the dermoscopy mode of picture %(number)s.") % name, "pictures")


def _fact_blockers(about: _LoadedCase) -> Iterator[Blocker]:
    case = about.case
    required = REQUIRED_FACTS if case.follows_id is None else REQUIRED_OF_ADDITIONS
    missing = [str(_label(case, name)) for name in required if getattr(case, name) in ("", None, [])]
    if missing:
        yield Blocker("facts", _("Fill in: %(fields)s.") % {"fields": ", ".join(missing)}, "facts")
    if case.not_mine and not case.source:
        sentence = _("The material is not yours: name its owner, or give its address, as the source.")
        yield Blocker("source", sentence, "facts")


def _solution_blockers(about: _LoadedCase) -> Iterator[Blocker]:
    case = about.case
    if case.kind != terms.CaseKind.TEACHING:
        return
    missing = [str(_label(case, name)) for name in SOLUTION if not getattr(case, name)]
    if missing:
        sentence = _("Write the solution, which opens to those who have answered: %(fields)s.")
        yield Blocker("solution", sentence % {"fields": ", ".join(missing)}, "facts")


def _label(case: Case, name: str) -> str | Promise:
    return case._meta.get_field(name).verbose_name  # type: ignore[union-attr]


def _text_blockers(about: _LoadedCase) -> Iterator[Blocker]:
    case = about.case
    texts = [(_label(case, name), getattr(case, name), "facts") for name in ("title", "note", "treatments")]
    texts.append((_label(case, "teaching_points"), case.sealed_words, "facts"))
    texts += [(_("caption"), picture.caption, "pictures") for picture in about.pictures if picture.caption]
    # An owner may be named; anything else in a source must not identify the patient.
    for finding in identifiers.find(case.source):
        if finding.kind not in identifiers.OF_AN_OWNER:
            yield _identifier_blocker(_label(case, "source"), finding, step="facts")
    for label, text, step in texts:
        for finding in identifiers.find(text):
            yield _identifier_blocker(label, finding, step=step)


def _identifier_blocker(label: str | Promise, finding: identifiers.Finding, *, step: str) -> Blocker:
    words = {"field": label, "sentence": sentence(finding)}
    return Blocker("identifier", _("In “%(field)s”: %(sentence)s") % words, step)


def _consent_blockers(about: _LoadedCase) -> Iterator[Blocker]:
    case, facts = about.case, about.facts
    consent = case.consent
    if case.education_model:
        if consent is None or consent.status == Status.ENTERED_IN_ERROR:
            return
        sentence = _("A patient was asked about this case, so it is no education model. Take that tick away.")
        yield Blocker("model_has_patient", sentence, "facts")
    if consent is None and case.histology_exempt:
        yield from (Blocker(code, sentence, "consent") for code, sentence in exemption.problems(about.pictures))
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
    if not facts["consent_is_active"]:
        yield Blocker(
            "consent_not_active", _("The consent is no longer active. Ask again and record a new one."), "consent"
        )
        return
    if consent.signature_problem:
        yield Blocker(
            "consent_signature",
            _("The drawing on the consent form is no signature. Ask the patient to sign a new form, and record that."),
            "consent",
        )
    if not facts["audience_is_covered"]:
        yield Blocker(
            "consent_audience",
            _("The consent does not allow this audience. Choose another audience, or ask the patient again."),
            "consent",
        )
    if facts["consent_is_attached"] and facts["is_another_patient"]:
        yield Blocker(
            "consent_other_patient",
            _("By age or sex the consent is not this patient's. Take it off this case, or correct the facts."),
            "consent",
        )
    yield from _child_blockers(case, consent)
    photos = [picture.photo for picture in about.pictures]
    if any(photo.shows_face for photo in photos) and not facts["face_is_allowed"]:
        yield Blocker(
            "consent_face", _("A face is uncovered, but the patient did not allow a recognisable face."), "consent"
        )
    if any(photo.shows_mark for photo in photos) and not facts["mark_is_allowed"]:
        yield Blocker(
            "consent_mark",
            _("A tattoo, birthmark or scar is visible, but the patient did not allow an identifiable mark."),
            "consent",
        )
    if consent.shown == Shown.SHOWN and facts["unseen_by_patient"]:
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


def _author_blockers(about: _LoadedCase) -> Iterator[Blocker]:
    case = about.case
    if not case.author.is_verified:
        yield Blocker("author", _("Your membership is not active. Renew it first."), "check")
    elif not rights(case.author).post:
        yield Blocker(
            "author_rights", _("You can post once a verified specialist is named as your supervisor."), "check"
        )
    # Asked when the case is sent. A module that ends while the case waits for its reader keeps nothing back: the author
    # had passed it when the work was done, and sends the next one only after repeating it.
    elif case.editable and not has_passed(case.author):
        sentence = _("Pass the conduct module first: it takes ten minutes. Your draft stays as it is.")
        yield Blocker("author_conduct", sentence, "conduct")
    if case.group_id and not about.facts["author_in_group"]:
        yield Blocker("group", _("You do not belong to this group. Choose another audience."), "consent")
    if case.group_id and not about.facts["group_has_reader"]:
        sentence = _(
            "No moderator but you belongs to this group, so nobody can second-read the case. "
            "Choose another audience, or ask those who moderate the group to invite one."
        )
        yield Blocker("group_reader", sentence, "consent")


def _addition_blockers(about: _LoadedCase) -> Iterator[Blocker]:
    case = about.case
    if case.follows_id is None:
        return
    if not about.facts["followed_is_shown"]:
        sentence = _("The case that this follows is not shown at present. Bring it back first, then send this.")
        yield Blocker("followed", sentence, "check")
    elif case.follows is not None and case.group_id not in (None, case.follows.group_id):
        sentence = _("The case that this follows has another audience now. Delete this draft and begin it again.")
        yield Blocker("followed_audience", sentence, "check")


_CHECKS: tuple[Callable[[_LoadedCase], Iterator[Blocker]], ...] = (
    _picture_blockers,
    _fact_blockers,
    _solution_blockers,
    _text_blockers,
    _consent_blockers,
    _author_blockers,
    _addition_blockers,
)
