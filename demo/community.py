"""Fill an empty Rete with the demo community, through the same services that members use.

Only human decisions are made here directly: answering the checklist, ticking uses, deciding. The
pictures go through the real pipeline: sealed, inspected, masked, rendered, verified. Every step first checks
whether it was done, so that an interrupted start resumes where it stopped.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import connections, transaction
from django.utils import timezone

from accounts.models import Draft, EvidenceKind, Member, Position, Profession, Profile, Publication, Standing, Training
from accounts.profiles import service as profiles
from accounts.vetting import decisions as vetting
from audit.record import record
from consent.forms.publishing import current_forms
from consent.models import Assent, Capacity, Consent, Relation, Shown, Signature, Use, WithdrawnBy
from consent.records.recording import record_consent
from consent.records.statement import Statement
from consent.withdrawal import withdraw
from consults.cases import gate
from consults.cases.authoring import case_pictures, drafts
from consults.cases.consenting import case_consent
from consults.discussion import answers as discussion
from consults.discussion import closing, comments
from consults.groups.models import Purpose
from consults.models import Answer, Case, CasePhoto, CaseState, Comment, Group, Membership, Outcome, Plan, SecondRead
from consults.urgency import marking
from core import jobs
from core.models import Job
from demo.drawings import catalogue, faces
from demo.rooms import furnish
from demo.stories import GROUPS, PEOPLE, STORIES, Person, Story
from demo.stories.profiles import PROFILES, Cv
from imaging.models import Photo, Region, Rendition, State
from imaging.renditions import pipeline as imaging
from imaging.review import confirmation
from imaging.review.checklist import ITEMS
from imaging.review.checklist import Answer as ChecklistAnswer
from vocabulary import terms

KINDS = {
    catalogue.OVERVIEW: terms.PictureKind.OVERVIEW,
    catalogue.CLOSE_UP: terms.PictureKind.CLOSE_UP,
    catalogue.DERMOSCOPY: terms.PictureKind.DERMOSCOPY,
    catalogue.HISTOLOGY: terms.PictureKind.HISTOLOGY,
}
STAINS = {"H&E": terms.Stain.HE, "PAS": terms.Stain.PAS, "DIF": terms.Stain.DIF, "IHC Melan-A": terms.Stain.IHC}
YEARS_TO_MAJORITY = {"0": 17, "1-5": 15, "6-12": 9, "13-17": 3}  # for somebody of this age band
MASKING = "demo: drawn pictures, checked by the pipeline"
PARALLEL_PICTURES = 2  # pictures in work: as many as the smallest machine has cores

MODERATORS = 2  # of each group
Report = Callable[[str], None]
People = dict[str, Member]


def passphrase() -> str:
    """Return a random passphrase; every demo has its own, so that a copied one opens nothing."""
    return "-".join(secrets.token_hex(3) for _ in range(4))


def build(*, password: str, report: Report) -> People:
    """Create the members, groups and cases that are missing, set the password last, and return the members."""
    people = {person.key: _ensure_member(person) for person in PEOPLE if person.role != "applicant"}
    for key, cv in PROFILES.items():
        _ensure_profile(people[key], cv)
    groups = {
        name: _ensure_group(name, description, kind, [people[k] for k in keys])
        for name, (description, kind, keys) in GROUPS.items()
    }
    furnish(groups, people)
    placed = [(story, _ensure_draft(story, people, groups)) for story in STORIES]
    pictures = [
        (case, position, name, story.state != "draft")
        for story, case in placed
        if case.state == CaseState.DRAFT
        for position, name in enumerate((*story.pictures, *story.phone_photos))
    ]
    with ThreadPoolExecutor(max_workers=PARALLEL_PICTURES) as pool:
        for number, _done in enumerate(pool.map(lambda picture: _process_picture(*picture), pictures), start=1):
            report(f"Drawing, masking, sealing: picture {number} of {len(pictures)}")
    for story, case in placed:
        unsealed = case.pictures.exclude(photo__state=State.SEALED).count()
        if story.state != "draft" and not unsealed:
            _play_story(story, case, people)
        elif story.state != "draft":
            report(f"“{story.title}” stays a draft: {unsealed} of its pictures could not be sealed")
    jobs.run_waiting()
    for person in PEOPLE:
        if person.role == "applicant":
            _apply_for_membership(person, password)
    for member in people.values():
        member.set_password(password)
        member.save(update_fields=["password"])
    return people


def address_of(person: Person) -> str:
    """Return the mail address of a simulated person."""
    # The applicant's mail is of another house: moderators do not decide about their own.
    return f"{person.key}@{'valle' if person.role == 'applicant' else 'rete'}.example"


def _ensure_member(person: Person) -> Member:
    known: Member | None = Member.objects.filter(email=address_of(person)).first()
    if known is not None:
        return known
    made: Member = Member.objects.create_user(
        address_of(person),
        name=person.name,
        profession=person.profession,
        institution=person.institution,
        country=person.country,
        is_moderator=person.role == "moderator",
        is_privacy_officer=person.role == "officer",
        standing=Standing.VERIFIED,
        factor_enrolled_at=timezone.now(),  # exempt (accounts.security.factors.rules.is_demo)
        verified_until=timezone.localdate() + timedelta(days=360),
        conduct_until=timezone.localdate() + timedelta(days=360),
    )
    return made


def _ensure_profile(member: Member, cv: Cv) -> None:
    if Profile.objects.filter(member=member).exists():
        return
    for degree, house, begun, ended in reversed(cv.trainings):
        line = Training(degree=degree, institution=house, from_year=begun, until_year=ended)
        profiles.add_line(line, member=member)
    for title, house, begun, ended in reversed(cv.positions):
        profiles.add_line(Position(title=title, institution=house, from_year=begun, until_year=ended), member=member)
    for words in reversed(cv.publications):
        profiles.add_line(Publication(words=words), member=member)
    # Last: whoever has a profile is not given one again.
    profiles.save(member=member, about=cv.about, interests=list(cv.interests), languages=list(cv.languages))


def _apply_for_membership(person: Person, password: str) -> None:
    if Member.objects.filter(email=address_of(person)).exists():
        return
    vetting.apply(
        email=address_of(person),
        claim=vetting.Claim(
            name=person.name,
            country=person.country,
            profession=Profession(person.profession),
            institution=person.institution,
            registry_name="Colegio de Médicos (demo)",
            registry_url="https://registry.example/",
            registry_number="28-0000000",
            evidence_kind=EvidenceKind.VIDEO,
        ),
    )
    vetting.finish(draft=Draft.objects.filter(email=address_of(person)).latest("created_at"), password=password)


def _ensure_group(name: str, description: str, kind: str, members: Sequence[Member]) -> Group:
    facts = {"description": description, "kind": kind, "purpose": Purpose.SUBSPECIALTY}
    group, _made = Group.objects.get_or_create(name=name, defaults=facts)
    for number, member in enumerate(members):
        Membership.objects.get_or_create(group=group, member=member, defaults={"is_moderator": number < MODERATORS})
    return group


def _ensure_draft(story: Story, people: People, groups: dict[str, Group]) -> Case:
    author = people[story.author]
    # A resident posts with a supervisor.
    if author.profession == "resident" and author.supervisor is None:
        author.supervisor = people["colleague"]
        author.save(update_fields=["supervisor"])
    return Case.objects.filter(pk=_fixed_id(story.key)).first() or _create_draft(story, author, groups)


def _fixed_id(name: str) -> UUID:
    """Return the same id in every demo, so that a step can see whether it was done."""
    return uuid5(NAMESPACE_URL, f"https://rete.example/demo/{name}")


def _create_draft(story: Story, author: Member, groups: dict[str, Group]) -> Case:
    monk = next((catalogue.PICTURES[name].monk for name in story.pictures if catalogue.PICTURES[name].monk), None)
    case = Case(id=_fixed_id(story.key), author=author, simulated=True, monk=monk, group=groups.get(story.group))
    for name in [
        "title",
        "note",
        "age_band",
        "sex",
        "site",
        "duration",
        "morphology",
        "question",
        "kind",
        "laterality",
        "course",
        "arrangement",
        "distribution",
        "treatments",
        "fitzpatrick",
        "education_model",
    ]:
        setattr(case, name, getattr(story, name))
    case.solution, case.solution_reference, case.teaching_points = story.solution
    for name in ("symptoms", "secondary", "history", "differential"):
        setattr(case, name, list(getattr(story, name)))
    with transaction.atomic():
        case.save()
        record(verb="case.started", actor=author, subject=("case", case.id))
    return case


def _process_picture(case: Case, position: int, name: str, reviewed: bool) -> None:
    """Take one picture as far as its case needs: uploaded, inspected and, if reviewed, confirmed and sealed."""
    try:
        key = _fixed_id(f"{case.pk}/{name}")
        placed = case.pictures.select_related("photo").filter(photo__idempotency_key=key).first()
        if placed is None:
            data = catalogue.draw(name) if name in catalogue.PICTURES else faces.phone_photo(name, seed=1)
            placed = case_pictures.add_picture(case=case, by=case.author, data=data, idempotency_key=key)
            about = _picture_facts(catalogue.PICTURES.get(name))
            CasePhoto.objects.filter(pk=placed.pk).update(position=position, **about)
        _run_job(imaging.INSPECT, placed.photo)
        if reviewed:
            _confirm_masks(placed.photo)
            _run_job(imaging.SEAL, placed.photo)
    finally:
        connections.close_all()


def _picture_facts(drawn: catalogue.Picture | None) -> dict[str, object]:
    if drawn is None:
        return {"kind": terms.PictureKind.CLOSE_UP}
    about: dict[str, object] = {"kind": KINDS[drawn.kind], "caption": drawn.caption}
    if drawn.kind == catalogue.DERMOSCOPY:
        about["mode"] = drawn.mode.replace("_", "-")
    if drawn.kind == catalogue.HISTOLOGY:
        about["stain"] = STAINS.get(drawn.mode, terms.Stain.OTHER)
        about["um_per_px"] = drawn.micrometres_per_pixel
        about["objective"] = "20x" if drawn.micrometres_per_pixel < 0.5 else "10x"
    return about


def _run_job(kind: str, photo: Photo) -> None:
    job = jobs.newest_job(kind=kind, subject=photo.pk)
    while job is not None and job.state == Job.State.QUEUED:
        jobs.run(job.pk, early=True)
        job.refresh_from_db()
    photo.refresh_from_db()


def _confirm_masks(photo: Photo) -> None:
    """Answer the checklist as the author would; every finding on drawn skin is dismissed, for it shows nobody."""
    if photo.state != State.REVIEW:
        return
    found = photo.regions.all()
    found.filter(kind=Region.Kind.TEXT).update(choice=Region.Choice.DISMISSED, reason="Drawn picture, no text")
    found.exclude(kind=Region.Kind.TEXT).update(choice=Region.Choice.DISMISSED, reason="Drawn picture, no person")
    confirmation.confirm(
        photo=photo,
        by=photo.owner,
        revision=photo.mask_revision,
        answers={item.code: ChecklistAnswer.ABSENT for item in ITEMS},
        no_eyes=True,
        may_show_eyes=True,
        warnings_seen=photo.warnings,
    )


def _record_consent(story: Story, case: Case) -> Consent:
    child = story.age_band in YEARS_TO_MAJORITY
    shown = Rendition.objects.filter(photo__placement__case=case, name=Rendition.Name.DISPLAY)
    audience: tuple[Use, UUID | None] = (Use.NAMED_GROUP, case.group_id) if case.group_id else (Use.ALL_MEMBERS, None)
    young = story.age_band in ("0", "1-5")
    statement = Statement(
        form=current_forms()[0],
        capacity=Capacity.CHILD if child else Capacity.CAPABLE,
        relation=Relation.GUARDIAN if child else Relation.SELF,
        authority="mother" if child else "",
        majority_year=timezone.localdate().year + YEARS_TO_MAJORITY[story.age_band] if child else None,
        assent=(Assent.TOO_YOUNG if young else Assent.AGREED) if child else Assent.NOT_ASKED,
        signature=Signature.CLINIC_HELD,
        clinic_form_sha256=secrets.token_hex(32),
        attested=True,
        signed_on=_days_before(story.days_ago + 1),
        shown=Shown.SHOWN,
        shown_pictures=tuple(shown.values_list("sha256", flat=True)),
        uses=frozenset({audience, (Use.PLATFORM_TEACHING, None)}),
        copy_given=True,
        masking_method=MASKING,
    )
    given, _code = record_consent(statement=statement, by=case.author)
    return given


def _days_before(days_ago: int) -> date:
    return timezone.localdate() - timedelta(days=days_ago)


def _play_story(story: Story, case: Case, people: People) -> None:
    """Add consent, second read, answers, comments and outcome, as far as the story goes."""
    if not case.education_model and case.consent is None:
        case_consent.attach_consent(case=case, consent=_record_consent(story, case), by=case.author)
    case.refresh_from_db()
    if case.state == CaseState.DRAFT:
        drafts.submit(case=case, by=case.author)
    reader = people["moderator2"] if story.author == "moderator" else people["moderator"]
    if case.state == CaseState.SUBMITTED and story.state == "returned":
        reason, words = story.returned
        gate.send_back(case=case, by=reader, reason=SecondRead.Reason(reason), words=words)
        return
    if case.state == CaseState.SUBMITTED and story.state != "submitted":
        case = gate.release(case=case, by=reader, accepted=gate.to_accept(case))
    if case.state == CaseState.RELEASED:
        _discuss(story, case, people)


def _discuss(story: Story, case: Case, people: People) -> None:
    for who, choices in story.answers:
        if not case.answers.filter(member=people[who]).exists():
            given = [discussion.Choice(code, terms.Confidence(confidence)) for code, confidence in choices]
            plan = Plan(**story.plans[who]) if who in story.plans else None
            discussion.answer(case=case, by=people[who], choices=given, plan=plan)
    for who, text in story.comments[case.comments.count() :]:
        comments.add_comment(case=case, by=people[who], text=text)
    _backdate(story, case)
    level, reason = story.urgent
    if level and not case.urgency_marks.exists():
        marking.mark(case=case, by=case.author, level=terms.Urgency(level), reason=terms.UrgencyReason(reason))
    if story.state == "closed" and story.outcome is not None:
        diagnosis, reference, done = story.outcome
        closing.close(case=case, by=case.author, outcome=Outcome(diagnosis=diagnosis, reference=reference, done=done))
    if story.state == "withdrawn" and case.consent_id is not None:
        withdraw(consent_id=case.consent_id, by=WithdrawnBy.PATIENT)


def _backdate(story: Story, case: Case) -> None:
    """Spread the demo over the last weeks; the log keeps the real times."""
    released = timezone.now() - timedelta(days=story.days_ago, hours=3)
    Case.objects.filter(pk=case.pk).update(released_at=released, submitted_at=released - timedelta(hours=5))
    gate.listing.refresh(cases=[case.pk])
    for number, answer in enumerate(Answer.objects.filter(case=case).order_by("answered_at"), start=1):
        Answer.objects.filter(pk=answer.pk).update(answered_at=released + timedelta(minutes=23 * number))
    for number, comment in enumerate(Comment.objects.filter(case=case).order_by("written_at"), start=1):
        Comment.objects.filter(pk=comment.pk).update(written_at=released + timedelta(minutes=23 * number + 11))
