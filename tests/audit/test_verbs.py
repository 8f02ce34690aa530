"""Everything that matters leaves its line: each action of the table in docs/privacy.md is done and looked for."""

import ast
import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from accounts.membership import lifecycle as membership
from accounts.models import Application, EvidenceKind, EvidencePicture, Member
from accounts.vetting import decisions as vetting
from audit import heads, keys, locks
from audit.models import Event
from audit.record import record
from audit.tasks import write_blocks
from audit.verify import verify
from compliance.audit.query import Filter
from compliance.exports import ExportRequest, recalls, write_export
from consent import lifecycle
from consent.lifecycle import supersede
from consent.models import Assent, Capacity, Consent, Relation, Use, WithdrawnBy
from consent.withdrawal import withdraw, withdraw_picture
from consults.cases import gate
from consults.models import SecondRead
from imaging.models import Photo, Rendition, State
from imaging.renditions import pipeline as imaging
from imaging.review import confirmation
from imaging.review.checklist import ITEMS, Answer
from imaging.tasks import expire_originals
from tests import factories
from tests.accounts.conduct.walking import pass_module
from tests.accounts.makers import CLEAN, PASSWORD, claim, join
from tests.audit import work
from tests.consent import making
from tests.consults import reading
from tests.imaging import making as studio
from tests.imaging.engine import pictures
from tests.packages import PACKAGES

ROOT = Path(__file__).resolve().parents[2]


class World:
    """What an action may use."""

    def __init__(self, *, run_jobs: Callable[[], int], folder: Path) -> None:
        self.run_jobs, self.folder = run_jobs, folder
        self.clean = CLEAN
        self.alice, self.mod1, self.mod2 = (factories.person(name) for name in ("alice", "mod1", "mod2"))

    def client(self, member: Member) -> Client:
        client = Client()
        client.force_login(member)
        return client

    def with_password(self) -> Member:
        return factories.member(email="ada@hospital.example", password=PASSWORD)

    def application(self) -> Application:
        said = claim(evidence_kind=EvidenceKind.PICTURE)
        return join(email="nova@lake.example", said=said, picture=CLEAN)


def give(world: World) -> None:
    making.consent(world.alice)


def replace_consent(world: World) -> None:
    old = making.consent(world.alice)[0]
    new = making.consent(world.alice, patient=old.patient)[0]
    supersede(old=old, new=new, by=world.alice)


def withdraw_consent(world: World) -> None:
    withdraw(consent_id=making.published().consent.pk, by=WithdrawnBy.PATIENT)
    world.run_jobs()


def take_back_a_use(world: World) -> None:
    made = making.published(consent_fields={"uses": (Use.ALL_MEMBERS, Use.RESEARCH)}).consent
    lifecycle.narrow(consent_id=made.pk, part=lifecycle.Part(frozenset({(Use.RESEARCH, None)})), by=WithdrawnBy.PATIENT)


def take_back_a_picture(world: World) -> None:
    made = making.published(pictures=2)
    photo = made.case.pictures.first().photo_id
    withdraw_picture(consent_id=made.consent.pk, picture=photo, by=WithdrawnBy.PATIENT)


def run_out(world: World) -> None:
    long_ago = timezone.localdate() - timedelta(days=400)
    Consent.objects.filter(pk=making.published().consent.pk).update(signed_on=long_ago, expires_on=long_ago)
    lifecycle.expire_due()
    lifecycle.destroy_expired()


def mistake(world: World) -> None:
    lifecycle.mark_entered_in_error(consent_id=making.published().consent.pk, by=world.alice)


def come_of_age(world: World) -> None:
    made = making.published().consent
    Consent.objects.filter(pk=made.pk).update(
        capacity=Capacity.CHILD, relation=Relation.GUARDIAN, authority="mother", assent=Assent.AGREED
    )
    lifecycle.note_majority(consent_id=made.pk, year=timezone.localdate().year + 3, by=world.alice)


def release(world: World) -> None:
    making.published()


def send_back(world: World) -> None:
    case = making.submitted(consent=making.consent(world.alice)[0])
    gate.send_back(case=case, by=world.mod1, reason=SecondRead.Reason.EYES, words="")


def mask(world: World) -> None:
    photo = studio.photo(pictures.encoded(pictures.chart(), "JPEG"))
    studio.region(photo, kind="face", choice="dismissed", reason="a mole")
    world.client(world.alice).get(reverse("consults:preview", args=[photo.placement.case_id, photo.pk]))
    answers = dict.fromkeys((item.code for item in ITEMS), Answer.ABSENT)
    confirmation.confirm(photo=photo, by=world.alice, revision=0, answers=answers, no_eyes=True, may_show_eyes=True)
    world.run_jobs()


def upload(world: World) -> None:
    data = pictures.encoded(pictures.chart(), "JPEG")
    imaging.accept(owner=world.alice, data=data, idempotency_key=making.nobody())


def let_expire(world: World) -> None:
    studio.photo(state=State.REVIEW)
    Photo.objects.update(original_expires_at=timezone.now() - timedelta(hours=1))
    expire_originals()


def look(world: World) -> None:
    case = reading.case(data=pictures.encoded(pictures.chart(), "JPEG"))
    picture = Rendition.objects.get(photo__placement__case=case, name="display")
    assert world.client(factories.person("bob")).get(reverse("consults:picture", args=[picture.pk])).status_code == 200
    write_blocks()


def vet(world: World) -> None:
    application = world.application()
    picture = EvidencePicture.objects.get(application=application)
    for moderator in (world.mod1, world.mod2):
        world.client(moderator).get(reverse("accounts:evidence", args=[picture.pk]))
        vetting.vote(
            application=application, by=moderator, accept=True, reason="matches", looked_up_on=timezone.localdate()
        )
    world.run_jobs()


def suspend(world: World) -> None:
    bob = factories.person("bob")
    membership.suspend(member=bob, by=world.mod1, reason="security")
    membership.reinstate(member=bob, by=world.mod2, reason="resolved")


def pass_the_module(world: World) -> None:
    pass_module(factories.member(conduct_until=None))


def lapse(world: World) -> None:
    Member.objects.filter(pk=factories.person("bob").pk).update(verified_until=timezone.localdate() - timedelta(days=1))
    membership.lapse_expired()


def sign_in_and_out(world: World) -> None:
    ada, client = world.with_password(), Client()
    client.post(reverse("account_login"), {"login": ada.email, "password": "wrong"})
    client.post(reverse("account_login"), {"login": ada.email, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    fresh = "kettle drumming under violets"
    client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": fresh, "password2": fresh})
    client.post(reverse("account_logout"))


def take_all_home(world: World) -> None:
    case = reading.case(data=b"picture")
    with override_settings(RULES=settings.RULES | {"views_an_hour": 1}):
        for rendition in Rendition.objects.filter(photo__placement__case=case).exclude(name="thumbnail"):
            world.client(world.alice).get(reverse("consults:picture", args=[rendition.pk]))


def export(world: World) -> None:
    made = making.published()
    write_export(
        request=ExportRequest(wanted=Filter(), reason="incident", by=world.mod1, formats=("csv",)), folder=world.folder
    )
    recalls.recall(consent_id=made.consent.pk)


def rotate(world: World) -> None:
    keys.rotate()


def tie(world: World) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(locks, "free_strand", lambda: 5)  # as if others wrote at the same time
        record(verb="case.released", actor=None, subject=("case", uuid.uuid4()))
    heads.tie()


DONE: list[tuple[Callable[[World], None], set[str]]] = [
    (give, {"consent.given"}),
    (replace_consent, {"consent.superseded"}),
    (withdraw_consent, {"consent.withdrawn", "consent.purged", "case.content_erased", "photo.destroyed"}),
    (take_back_a_use, {"consent.narrowed"}),
    (take_back_a_picture, {"consent.picture_withdrawn"}),
    (run_out, {"consent.expired", "consent.ended"}),
    (mistake, {"consent.entered_in_error"}),
    (come_of_age, {"consent.majority_noted"}),
    (release, {"case.released"}),
    (send_back, {"case.sent_back"}),
    (mask, {"photo.previewed", "photo.confirmed", "photo.sealed"}),
    (upload, {"photo.received"}),
    (let_expire, {"photo.expired"}),
    (look, {"pictures.served"}),
    (take_all_home, {"pictures.too_many"}),
    (vet, {"application.voted", "application.decided", "evidence.seen", "evidence.destroyed"}),
    (suspend, {"member.suspended", "member.reinstated"}),
    (lapse, {"member.lapsed"}),
    (pass_the_module, {"conduct.passed"}),
    (
        sign_in_and_out,
        {
            "member.signed_in",
            "member.sign_in_failed",
            "member.confirmed",
            "member.password_changed",
            "member.signed_out",
        },
    ),
    (export, {"consent_audit.exported", "consent_audit.recalled"}),
    (rotate, {"log.key_rotated"}),
    (tie, {"log.tied"}),
    *work.DONE,
]
# Done where they belong: tests/accounts/appointments, tests/accounts/membership, test_rechecks.py,
# test_security_events.py,
# tests/consent/test_forms.py, test_recording.py, test_picture_numbers.py,
# tests/consults/cases/consenting/test_handover.py, test_attaching.py, test_exemption.py and test_consent_record.py,
# tests/consults/cases/test_listing.py, moderation, groups and urgency,
# tests/consults/discussion/test_terms.py, tests/accounts/profiles/test_orcid.py
ELSEWHERE = {
    "case.escalated",
    "case.marked_urgent",
    "case.urgency_taken_back",
    "rota.joined",
    "rota.left",
    "term.accepted",
    "term.mapped",
    "term.proposed",
    "term.refused",
    "case.followup_started",
    "case.sensitive_asked",
    "case.sensitive_marked",
    "album.changed",
    "concern.made",
    "concern.taken",
    "concern.given_back",
    "concern.closed",
    "concern.reopened",
    "post.written",
    "post.edited",
    "post.deleted",
    "post.held",
    "post.hold_confirmed",
    "post.hold_lifted",
    "report.reopened",
    "case.consent_detached",
    "application.stuck",
    "check.decided",
    "check.sent",
    "office.ended",
    "office.overdue",
    "supervision.answered",
    "supervision.asked",
    "supervision.ended",
    "suspension.appealed",
    "suspension.upheld",
    "appointment.commanded",
    "appointment.decided",
    "appointment.proposed",
    "case.exemption_dropped",
    "case.held",
    "case.outcome_corrected",
    "case.summary_made",
    "case.hold_confirmed",
    "case.hold_lifted",
    "comment.deleted",
    "comment.edited",
    "comment.held",
    "comment.hold_confirmed",
    "comment.hold_lifted",
    "moderation.escalated",
    "pin.put",
    "pin.removed",
    "viewer_mark.resolved",
    "report.made",
    "report.settled",
    "case.exemption_stated",
    "case.taken_down",
    "consent.code_issued",
    "consent.code_renewed",
    "consent.drafted",
    "consent.picture_shown",
    "consent.refused",
    "consent.wrong_code",
    "form.drafted",
    "form.published",
    "form.retired",
    "group.admission_taken_back",
    "group.changed",
    "group.ended",
    "group.invited",
    "group.joined",
    "group.left",
    "group.made",
    "group.member_added",
    "group.member_removed",
    "group.moderator_appointed",
    "group.moderator_stepped_back",
    "group.name_refused",
    "group.not_joined",
    "group.proposal_answered",
    "group.proposal_taken_back",
    "group.proposed",
    "group.requested",
    "handover.begun",
    "handover.ended",
    "listings.repaired",
    "member.code_used",
    "member.codes_made",
    "member.factor_added",
    "member.factor_removed",
    "member.founded",
    "member.passkey_copied",
    "member.password_reset",
    "consent.clinician_left",
    "member.address_asked",
    "member.address_changed",
    "member.address_stopped",
    "member.erased",
    "member.export_asked",
    "member.export_deleted",
    "member.export_taken",
    "member.leaving_asked",
    "member.leaving_stopped",
    "member.left",
    "member.sessions_ended",
    "profile.orcid_confirmed",
    "profile.orcid_removed",
    "recheck.decided",
    "recheck.drawn",
    "recheck.voted",
    "recovery.asked",
    "recovery.commanded",
    "recovery.confirmed",
    "recovery.done",
    "recovery.stopped",
    "recovery.voted",
}


@pytest.mark.django_db
@pytest.mark.parametrize(("do", "verbs"), DONE, ids=[do.__name__ for do, _verbs in DONE])
def test_what_is_done_leaves_its_line(
    do: Callable[[World], None], verbs: set[str], run_jobs: Callable[[], int], tmp_path: Path, settings: Any
) -> None:
    if do is rotate:
        settings.DATA_DIR = tmp_path  # keys of this test's own
    do(World(run_jobs=run_jobs, folder=tmp_path))
    assert verbs <= set(Event.objects.values_list("verb", flat=True))
    assert verify().ok


def rows_of_the_page() -> list[tuple[set[str], set[str]]]:
    """Verbs and modules of each row of the table "What the log contains"."""
    page = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
    part = page.partition("## What the log contains")[2].partition("\n## ")[0]
    found = []
    for line in part.splitlines():
        words = set(re.findall(r"`([^`]+)`", line))
        modules = {word for word in words if word.endswith(".py")}
        if line.startswith("|") and modules:
            found.append((words - modules, modules))
    return found


def strings(path: Path) -> set[str]:
    """Every string of a module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_the_page_and_this_table_tell_of_the_same_verbs() -> None:
    done = set().union(*(verbs for _do, verbs in DONE))
    told = set().union(*(verbs for verbs, _modules in rows_of_the_page()))
    assert told - ELSEWHERE <= done
    assert done - told == set()


@pytest.mark.parametrize(("verbs", "modules"), rows_of_the_page())
def test_a_verb_of_the_page_is_written_where_it_says(verbs: set[str], modules: set[str]) -> None:
    assert verbs <= set().union(*(strings(ROOT / module) for module in modules))


# --- And the other way round

APPS = PACKAGES


def said_where() -> dict[str, set[str]]:
    """Each verb that code gives to `record`, with its modules; "" stands for a verb that is not written out there."""
    found: dict[str, set[str]] = {}
    for path in sorted(module for app in APPS for module in (ROOT / app).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "record":
                (verb,) = (word.value for word in node.keywords if word.arg == "verb")
                name = verb.value if isinstance(verb, ast.Constant) else ""
                found.setdefault(str(name), set()).add(path.relative_to(ROOT).as_posix())
    return found


def test_the_page_tells_of_every_verb_that_is_written() -> None:
    told = set().union(*(verbs for verbs, _modules in rows_of_the_page()))
    said = said_where()
    # Their verbs come from a table or a constant beside the call.
    assert said.pop("") == {
        "accounts/security/security_events.py",
        "audit/keys.py",
        "audit/access_log.py",
        "consent/withdrawal/service.py",
    }
    assert len(said) > 50
    assert set(said) - told == set()


def test_what_is_done_elsewhere_is_looked_for_there() -> None:
    others = [path for path in (ROOT / "tests").rglob("test_*.py") if path != Path(__file__)]
    looked_for = set().union(*(strings(path) for path in others))
    assert ELSEWHERE - looked_for == set()


# What an officer may ask of the log -> verbs, each of which must be done above or elsewhere.
KINDS: dict[str, set[str]] = {
    "given": {"consent.given", "consent.refused"},
    "narrowed": {"consent.narrowed", "consent.picture_withdrawn", "consent.ended"},
    "withdrawn": {"consent.withdrawn", "consent.purged", "case.content_erased"},
    "shown to the patient": {"handover.begun", "handover.ended", "consent.given"},
    "shown to members": {"case.released", "pictures.served"},
    "exported": {"consent_audit.exported", "consent_audit.recalled"},
    "a mask overridden": {"photo.confirmed", "photo.masks_copied", "photo.reopened"},
    "vetted": {"application.voted", "application.decided", "evidence.seen", "member.suspended", "member.lapsed"},
    "signed in": {
        "member.signed_in",
        "member.signed_out",
        "member.sign_in_failed",
        "member.password_changed",
        "member.password_reset",
        "member.confirmed",
    },
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_event_has_a_writer(kind: str) -> None:
    done = set().union(*(verbs for _do, verbs in DONE)) | ELSEWHERE
    told = set().union(*(verbs for verbs, _modules in rows_of_the_page()))
    assert KINDS[kind] <= done & told
