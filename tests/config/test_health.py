"""The alarm for late destructions: told by the web process, whatever the workers, the clock and the mail server do."""

import http.server
import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from consent.models import Withdrawal, WithdrawnBy
from consent.withdrawal import withdraw
from core import jobs
from core.jobs import lateness, queue
from core.models import Job, Round
from core.serving import watch
from tests import factories
from tests.consent import making

pytestmark = pytest.mark.django_db
WORDS = "A destruction is late"


@pytest.fixture(autouse=True)
def _the_clock_goes() -> None:
    for name in queue.urgent_rounds():
        Round.objects.create(name=name, ran_at=timezone.now())


def health(client: Client) -> tuple[int, str]:
    answer = client.get("/healthz/")
    return answer.status_code, answer.content.decode().strip()


def late_withdrawal() -> None:
    withdraw(consent_id=making.published().consent.pk, by=WithdrawnBy.PATIENT)
    Withdrawal.objects.update(requested_at=timezone.now() - timedelta(minutes=16))


def test_well(client: Client) -> None:
    withdraw(consent_id=making.published().consent.pk, by=WithdrawnBy.PATIENT)
    assert health(client) == (200, "ok")


def test_late_though_nothing_has_run(client: Client) -> None:
    late_withdrawal()
    assert health(client) == (503, "late-destructions")


@pytest.mark.parametrize(
    ("minutes", "state", "is_late"),
    [(14, "queued", False), (16, "queued", True), (16, "done", False), (1, "parked", True)],
)
def test_destructions_without_a_withdrawal(client: Client, minutes: float, state: str, is_late: bool) -> None:
    job = jobs.enqueue(kind="case.take_down", subject=uuid.uuid4())
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(minutes=minutes), state=state)
    assert bool(lateness.late_destructions(minutes=15)) is is_late
    assert health(client)[0] == (503 if is_late else 200)


def test_one_that_was_given_up_and_is_tried_again_is_not_late() -> None:
    subject = uuid.uuid4()
    job = jobs.enqueue(kind="case.take_down", subject=subject)
    Job.objects.filter(pk=job.pk).update(state="parked", created_at=timezone.now() - timedelta(minutes=5))
    jobs.enqueue(kind="case.take_down", subject=subject)
    assert not lateness.late_destructions(minutes=15)


@pytest.mark.parametrize("minutes", [6, None])
def test_a_clock_that_stands_still(client: Client, minutes: float | None) -> None:
    Round.objects.update(ran_at=timezone.now() - timedelta(minutes=minutes) if minutes else None)
    assert health(client) == (503, "clock-stands-still")


@pytest.mark.parametrize(
    ("name", "told"), [("officer", True), ("admin", True), ("alice", False), ("mod1", False), ("applicant", False)]
)
def test_officers_read_it_above_every_page(client: Client, name: str, told: bool) -> None:
    late_withdrawal()
    client.force_login(factories.person(name))
    for path in ("/privacy/", "/terms/"):
        assert (WORDS in client.get(path).content.decode()) is told
    client.logout()
    assert WORDS not in client.get("/privacy/").content.decode()


def test_officers_of_a_well_site_read_nothing(client: Client) -> None:
    client.force_login(factories.person("officer"))
    assert WORDS not in client.get("/privacy/").content.decode()


# --- The supervisor's watch


def test_the_watch_tells_what_is_new_and_repeats_itself_seldom() -> None:
    seen = iter(["", "late-destructions", "late-destructions", "late-destructions", "", ""])
    told: list[str] = []
    watching = watch.Watch(tell=told.append, look=lambda: next(seen))
    for now in (0, 30, 60, 30 + watch.REPEAT_SECONDS, 700, 730):
        watching.look(now)
    assert [line.split(":")[0] for line in told] == [
        "ALARM late-destructions",
        "ALARM late-destructions",
        "the alarm is over",
    ]


class _Answers(http.server.BaseHTTPRequestHandler):
    status, body = 200, b"ok\n"

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_words: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    server = http.server.HTTPServer(("127.0.0.1", 0), _Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "body", "wrong"),
    [(200, b"ok\n", ""), (503, b"late-destructions\nclock\n", "late-destructions clock"), (400, b"bad host", "")],
)
def test_what_the_watch_reads(port: int, monkeypatch: pytest.MonkeyPatch, status: int, body: bytes, wrong: str) -> None:
    monkeypatch.setattr(_Answers, "status", status)
    monkeypatch.setattr(_Answers, "body", body)
    assert watch.ask(host="127.0.0.1", port=port) == wrong


def test_a_web_server_that_does_not_answer() -> None:
    assert watch.ask(host="127.0.0.1", port=1, timeout=1) == "web-server-silent"
