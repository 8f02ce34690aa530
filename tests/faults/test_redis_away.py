"""Redis is down, or takes connections and never answers: people sign in, withdraw and are limited as ever."""

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.core.instance import Instance
from tests.services import free_port

# What people do, in a process of its own because settings choose the broker; the last line is what they got.
VISITS = r"""
import json, re, time
from django.test import Client
from consent.models import Withdrawal
from core.models import Job
from tests import factories
from tests.consent import making

PASSWORD = "marble otter seventeen lantern"
factories.member(email="ada@hospital.example", password=PASSWORD)
code = making.published().code
took = {}

def visit(name, client, path, **fields):
    began = time.monotonic()
    answer = client.post(path, fields, headers={"host": "localhost"})
    took[name] = [answer.status_code, time.monotonic() - began]
    return answer

patient, ada = Client(), Client()
visit("wrong code", patient, "/withdraw/", code="7K3M-9TQA-02XC-VB5N-4HJW-Z8PD-6RYE")
visit("right code", patient, "/withdraw/", code=code)
effects = patient.get("/withdraw/what-happens/", headers={"host": "localhost"})
note = re.search(r'name="note" value="([^"]+)"', effects.content.decode())[1]
visit("withdraw", patient, "/withdraw/confirm/", note=note)
visit("wrong password", ada, "/sign-in/", login="ada@hospital.example", password="wrong")
visit("right password", ada, "/sign-in/", login="ada@hospital.example", password=PASSWORD)
visit("reset", Client(), "/password/reset/", email="ada@hospital.example")
for number in range(12):
    visit("many wrong codes", patient, "/withdraw/", code="no code")
for number in range(6):
    visit("many wrong passwords", Client(), "/sign-in/", login="bob@hospital.example", password="wrong")
late = visit("too many wrong passwords", Client(), "/sign-in/", login="bob@hospital.example", password="wrong")
print(json.dumps({"took": took, "withdrawals": Withdrawal.objects.count(),
    "purges": Job.objects.filter(kind__contains="purge", state="queued").count(),
    "limited": "Too many attempts" in late.content.decode()}))
"""


@pytest.fixture(params=["refuses", "silent"])
def redis_away(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a Redis that is not there, or of one that takes connections and says nothing."""
    with closing(socket.socket()) as listening:
        port = free_port()
        if request.param == "silent":
            listening.bind(("127.0.0.1", port))
            listening.listen(50)
        yield f"redis://127.0.0.1:{port}/0"


def test_everybody_gets_an_answer(redis_away: str, tmp_path: Path, prepared: Path) -> None:
    house = Instance(tmp_path, REDIS_URL=redis_away)
    house.begin_as(prepared)
    seen = json.loads(house.manage("shell", "-v0", "-c", VISITS).splitlines()[-1])
    statuses = {name: status for name, (status, _seconds) in seen["took"].items()}
    assert statuses == {
        "wrong code": 422,
        "right code": 302,
        "withdraw": 302,
        "wrong password": 200,
        "right password": 302,
        "reset": 302,
        "many wrong codes": 429,
        "many wrong passwords": 200,
        "too many wrong passwords": 200,
    }
    assert (seen["withdrawals"], seen["purges"], seen["limited"]) == (1, 1, True)
    assert max(seconds for _status, seconds in seen["took"].values()) < 5
