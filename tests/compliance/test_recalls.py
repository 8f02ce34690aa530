"""What stays here of an export: what it held, and the mark of a later withdrawal."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.mail import EmailMessage
from django.test import Client
from django.utils import timezone

from accounts.models import Member
from audit.models import Event
from compliance.audit.query import Filter
from compliance.exports import recalls
from compliance.models import ExportRecall, ExportRecord, contains_id, pack_ids
from consent.models import WithdrawnBy
from consent.withdrawal import withdraw, withdraw_picture
from consults.withdrawal.purge import purge
from tests.compliance.auditing import EXPORT, EXPORTS, asked, opened, table, written
from tests.consent import making

pytestmark = pytest.mark.django_db


def test_an_export_remembers_which_consents_it_held(tmp_path: Path) -> None:
    inside, outside = making.published(), making.published(days_ago=9)
    since = timezone.now().date() - timedelta(days=1)
    export = written(tmp_path, wanted=Filter(since=since), reason="internal_review", via="command", formats=("csv",))
    assert [one.pk for one in recalls.exports_containing(inside.consent.pk)] == [export.record.pk]
    assert recalls.exports_containing(outside.consent.pk) == []
    assert len(ExportRecord.objects.get().consents) == 16


@pytest.mark.parametrize("count", [0, 1, 2, 7, 100])
def test_packed_ids_are_found_and_others_not(count: int) -> None:
    ids = [uuid.uuid4() for _number in range(count)]
    packed = pack_ids(one.bytes for one in ids)
    assert len(packed) == 16 * count
    assert all(contains_id(packed, one) for one in ids)
    assert all(contains_id(memoryview(packed), one) for one in ids)
    assert not any(contains_id(packed, one) for one in (uuid.UUID(int=0), uuid.UUID(int=2**128 - 1), uuid.uuid4()))
    # Sixteen bytes that stand across two ids are no id.
    assert not any(contains_id(packed, uuid.UUID(bytes=packed[at : at + 16])) for at in range(8, 16 * (count - 1), 16))


def test_a_withdrawal_marks_the_exports_that_hold_it(
    at_work: Client, officer: Member, mailoutbox: list[EmailMessage]
) -> None:
    made, other = making.published(), making.published()
    opened(at_work.post(EXPORT + "?state=active", asked()))
    first = ExportRecord.objects.get()
    html = at_work.get(EXPORTS).content.decode()
    assert "Officer" in html
    assert "A supervisory authority" in html
    assert "REQ 7/2026" in html
    assert "no withdrawal since" in html

    withdraw(consent_id=made.consent.pk, by=WithdrawnBy.PATIENT)
    assert not ExportRecall.objects.exists()  # hidden first; what has to be read through follows in the job
    purge(consent_id=made.consent.pk)
    assert recalls.recall(consent_id=made.consent.pk) == [first]
    assert recalls.recall(consent_id=made.consent.pk) == [first]  # safe to repeat
    recalled = Event.objects.filter(verb="consent_audit.recalled")
    assert [(line.subject_id, line.facts) for line in recalled] == [(first.pk, {"consent": str(made.consent.pk)})]
    (mark,) = ExportRecall.objects.all()
    for _twice in range(2):
        recalls.notify_exporter(recall_id=mark.pk)
    (notice,) = [mail for mail in mailoutbox if mail.to == [officer.email]]
    assert EXPORTS in notice.body
    assert str(made.case.pk) not in notice.body
    page = at_work.get(EXPORTS)
    assert "one consent in it was withdrawn since" in page.content.decode()

    again = page.context["exports"][0]["again_href"]
    assert again == f"{EXPORT}?state=active&replaces={first.pk}"
    assert "takes the place of the export" in at_work.get(again).content.decode()
    fresh = table(opened(at_work.post(again, asked())).read("consent_audit.csv"))
    assert [line["case_id"] for line in fresh] == [str(other.case.pk)]
    second = ExportRecord.objects.exclude(pk=first.pk).get()
    assert (second.replaces, recalls.exports_containing(made.consent.pk)) == (first, [first])
    assert "replaced by a later export" in at_work.get(EXPORTS).content.decode()


def test_one_withdrawal_is_one_mail_to_an_officer_however_many_exports(
    at_work: Client, officer: Member, mailoutbox: list[EmailMessage], run_jobs: Callable[[], int]
) -> None:
    made = making.published(pictures=2)
    for _time in range(3):
        opened(at_work.post(EXPORT, asked(formats=["csv"])))
    photo = made.case.pictures.first().photo_id
    ways: list[tuple[Callable[[], object], int]] = [
        (lambda: withdraw_picture(consent_id=made.consent.pk, picture=photo, by=WithdrawnBy.PATIENT), 3),
        (lambda: withdraw(consent_id=made.consent.pk, by=WithdrawnBy.PATIENT), 4),
    ]
    for mails, (take, marked) in enumerate(ways, start=1):
        take()
        run_jobs()
        assert len([mail for mail in mailoutbox if mail.to == [officer.email]]) == mails
        assert ExportRecall.objects.filter(told_at__isnull=False).count() == ExportRecall.objects.count() == marked
        opened(at_work.post(EXPORT, asked(formats=["csv"])))  # of what is left: out of date by what comes next


def test_an_unfiltered_export_made_anew_marks_the_withdrawn(at_work: Client, run_jobs: Callable[[], int]) -> None:
    made = making.published()
    old = table(opened(at_work.post(EXPORT, asked(formats=["csv"]))).read("consent_audit.csv"))
    assert [(row["consent_status"], row["gate_today"]) for row in old] == [("active", "visible")]
    withdraw(consent_id=made.consent.pk, by=WithdrawnBy.PATIENT)
    run_jobs()
    again = at_work.get(EXPORTS).context["exports"][0]["again_href"]
    fresh = table(opened(at_work.post(again, asked(formats=["csv"]))).read("consent_audit.csv"))
    assert [row["consent_status"] for row in fresh] == ["withdrawn"]
    assert fresh[0]["withdrawn_at"]


def test_a_consent_in_no_export_marks_nothing() -> None:
    assert recalls.recall(consent_id=making.nobody()) == []
    assert not ExportRecall.objects.exists()


@pytest.mark.parametrize("replaces", ["", "x", str(uuid.UUID(int=0))])
def test_an_export_that_replaces_nothing_known_is_just_an_export(at_work: Client, replaces: str) -> None:
    opened(at_work.post(f"{EXPORT}?replaces={replaces}", asked(formats=["csv"])))
    assert ExportRecord.objects.get().replaces is None


def test_the_list_of_exports_is_paged(at_work: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Nothing was exported yet" in at_work.get(EXPORTS).content.decode()
    monkeypatch.setattr("compliance.audit.views.PAGE_ROWS", 1)
    for number in range(2):
        (tmp_path / str(number)).mkdir()
        written(tmp_path / str(number))
    first = at_work.get(EXPORTS)
    assert "by command, on the server" in first.content.decode()
    assert 'href="?page=2"' in first.content.decode()
    second = at_work.get(EXPORTS, {"page": "2"})
    ids = [page.context["exports"][0]["record"].pk for page in (first, second)]
    assert set(ids) == set(ExportRecord.objects.values_list("pk", flat=True))
