"""More of what people do, for tests/audit/test_verbs.py: joining, posting, discussing, the life of a picture."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.utils import timezone

from accounts.models import Member, Reference
from accounts.vetting import decisions as vetting
from accounts.vetting.models import ReferenceKind
from consent.forms import publishing
from consent.models import Capacity, Relation, Shown, Signature, Withdrawal, WithdrawnBy
from consent.records.recording import record_refusal
from consent.records.statement import Statement
from consent.withdrawal import withdraw
from consults.cases import gate
from consults.cases.authoring import case_pictures
from consults.cases.authoring import drafts as cases
from consults.cases.consenting import case_consent
from consults.discussion import answers as discussion
from consults.discussion import closing, comments
from consults.discussion.answers import Choice
from consults.models import Case, Outcome, Redaction
from consults.withdrawal import maintenance, redaction
from core.models import Job
from imaging.models import Photo, State
from imaging.renditions import pipeline as imaging
from imaging.review import confirmation
from tests import factories
from tests.consent import making
from tests.imaging import making as studio
from tests.imaging.engine import pictures
from vocabulary.terms import Confidence

if TYPE_CHECKING:
    from tests.audit.test_verbs import World


def join(world: "World") -> None:
    bob, application = factories.person("bob"), world.application()
    reference = Reference.objects.create(application=application, member=bob, kind=ReferenceKind.VOUCHER)
    vetting.answer(reference=reference, by=bob, vouches=True)
    vetting.recuse(application=application, by=factories.member(email="mod3@house3.example", is_moderator=True))
    for moderator in (world.mod1, world.mod2):
        vetting.vote(
            application=application, by=moderator, accept=False, reason="not_found", looked_up_on=timezone.localdate()
        )
    application.refresh_from_db()
    vetting.appeal(
        application=application,
        by=Member.objects.get(pk=application.member_id),
        statement="Again.",
        picture=world.clean,
    )


def draft_a_form(world: "World") -> None:
    texts = {language: publishing.Text("Title", "Words.") for language in publishing.LANGUAGES}
    form = publishing.create_draft(code="own", texts=texts, by=factories.person("officer"))
    publishing.discard_draft(form=form, by=factories.person("officer"))


def post(world: "World") -> None:
    alice = world.alice
    cases.discard(case=cases.start(author=alice), by=alice)
    case = making.submitted(alice)
    cases.take_back(case=case, by=alice)
    for step in (
        lambda now: case_consent.attach_consent(case=now, consent=making.consent(alice)[0], by=alice),
        lambda now: cases.submit(case=now, by=alice),
        lambda now: gate.release(case=now, by=world.mod1),
        lambda now: cases.retract(case=now, by=alice),
    ):
        step(Case.objects.get(pk=case.pk))


def say_no(world: "World") -> None:
    case = making.submitted(world.alice)
    cases.take_back(case=case, by=world.alice)
    statement = Statement(
        form=making.form(),
        capacity=Capacity.CAPABLE,
        relation=Relation.SELF,
        signature=Signature.NOT_SIGNED,
        signed_on=timezone.localdate(),
        shown=Shown.NOT_SHOWN,
        uses=frozenset(),
        copy_given=False,
        masking_method="",
    )
    refusal = record_refusal(statement=statement, by=world.alice)
    case_consent.record_refusal(case=Case.objects.get(pk=case.pk), refusal=refusal, by=world.alice)


def discuss(world: "World") -> None:
    bob, case = factories.person("bob"), making.published().case
    choices = [Choice("actinic-keratosis", Confidence.SURE)]
    given = discussion.answer(case=case, by=bob, choices=choices)
    discussion.revise(given=given, choices=choices)
    discussion.open_without_answer(case=case, by=world.mod2)
    written = comments.add_comment(case=case, by=bob, text="Is it tender?")
    found = Redaction.objects.create(comment=written, reason=Redaction.Reason.PICTURE)
    redaction.decide(redaction=found, by=world.mod2, decision=Redaction.Decision.KEPT)
    outcome = Outcome(diagnosis="actinic-keratosis", reference="histopathology", done="Excised.")
    closing.close(case=case, by=world.alice, outcome=outcome)


def be_late(world: "World") -> None:
    withdraw(consent_id=making.published().consent.pk, by=WithdrawnBy.PATIENT)
    Withdrawal.objects.update(requested_at=timezone.now() - timezone.timedelta(minutes=16))
    maintenance.resume_late_purges()


def arrive(world: "World") -> None:
    for size in ((800, 600), (64, 48)):
        data = pictures.encoded(pictures.chart(*size), "PNG")
        photo, _new = imaging.accept(owner=world.alice, data=data, idempotency_key=making.nobody())
        imaging.inspect(photo_id=photo.pk)


def change_ones_mind(world: "World") -> None:
    data = pictures.encoded(pictures.chart(), "JPEG")
    first, second = studio.photo(data), studio.photo(data)
    studio.region(first, choice="drawn")
    confirmation.copy_masks(photo=first, to=second, by=world.alice)
    sealed = making.picture(making.submitted(world.alice, pictures=0))
    imaging.reopen(photo=sealed, by=world.alice)
    Job.objects.filter(subject=sealed.pk).update(state="parked", attempts=3, finished_at=timezone.now())
    case_pictures.retry(photo=Photo.objects.get(pk=sealed.pk, state=State.RECEIVED), by=world.alice)


DONE: list[tuple[Callable[["World"], None], set[str]]] = [
    (
        join,
        {
            "application.submitted",
            "application.address_confirmed",
            "application.recused",
            "application.appealed",
            "reference.answered",
        },
    ),
    (draft_a_form, {"form.drafted", "form.discarded"}),
    (
        post,
        {
            "case.started",
            "case.discarded",
            "case.taken_back",
            "case.consent_attached",
            "case.submitted",
            "case.retracted",
        },
    ),
    (say_no, {"case.refused"}),
    (
        discuss,
        {
            "case.answered",
            "case.revised",
            "case.opened_to_read",
            "case.commented",
            "comment.redaction_decided",
            "case.closed",
        },
    ),
    (be_late, {"consent.purge_late"}),
    (arrive, {"photo.inspected", "photo.refused"}),
    (change_ones_mind, {"photo.masks_copied", "photo.reopened", "photo.tried_again"}),
]
