"""The job that looks at drawn signatures: what it finds keeps a case from being released; it harms nobody."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from accounts.models import Member
from consent.models import Consent, Signature
from consults.cases import gate
from consults.cases.consenting import signature_check
from core.crypto import vault
from imaging import engine
from tests.consent import drawing, making

pytestmark = pytest.mark.django_db


def problem_after(run_jobs: Callable[[], int], alice: Member, png: bytes) -> str:
    given, _code = making.consent(alice, signature_png=png)
    run_jobs()
    given.refresh_from_db()
    return given.signature_problem


@pytest.mark.parametrize(
    ("png", "problem"),
    [
        (making.PNG, ""),
        (drawing.png(drawing.HAND, paper="#0000"), ""),
        (drawing.png(), "no_ink"),
        (drawing.png(((100, 100), (102, 100))), "no_ink"),
        (making.PNG[:200], "unreadable"),
    ],
)
def test_what_the_job_finds(run_jobs: Callable[[], int], alice: Member, png: bytes, problem: str) -> None:
    assert problem_after(run_jobs, alice, png) == problem


def test_a_case_without_a_signature_is_not_released(run_jobs: Callable[[], int], alice: Member) -> None:
    given, _code = making.consent(alice, signature_png=drawing.png())
    case = making.submitted(alice, consent=given)
    assert "consent_signature" not in {blocker.code for blocker in gate.blockers(case)}
    run_jobs()
    case.refresh_from_db()
    assert "consent_signature" in {blocker.code for blocker in gate.blockers(case)}


def test_what_is_gone_or_not_drawn_is_no_error(alice: Member) -> None:
    given, _code = making.consent(alice)
    signature_check.check_signature(consent_id=uuid4())
    Consent.objects.filter(pk=given.pk).update(signature=Signature.SCAN)
    signature_check.check_signature(consent_id=given.pk)
    Consent.objects.filter(pk=given.pk).update(signature=Signature.DRAWN)
    vault.destroy(given.pk)
    signature_check.check_signature(consent_id=given.pk)
    given.refresh_from_db()
    assert given.signature_problem == ""


def test_a_machine_in_trouble_tries_again(alice: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    given, _code = making.consent(alice)

    def dies(*_data: object, **_more: object) -> engine.Rendition:
        raise engine.Refused("decoder_died")

    monkeypatch.setattr(engine, "preview", dies)
    with pytest.raises(engine.Refused):
        signature_check.check_signature(consent_id=given.pk)


def test_only_drawings_are_looked_at(run_jobs: Callable[[], int], alice: Member) -> None:
    making.consent(alice, signature=Signature.SCAN, scan=b"%PDF-1.7 a form")
    assert run_jobs() == 0
