"""Redis down: nobody is locked out and nothing answers 500, whether Redis refuses connections or says nothing."""

import contextlib
import re
import socket
from collections.abc import Iterator

from bench.attack import Finding
from bench.attack.site import Answer, Site, Visitor
from tests.services import free_port

WRONG = "7K3M-9TQA-02XC-VB5N-4HJW-Z8PD-6RYE"
LIMIT_SECONDS = 6.0  # of the one request that finds out; Redis gets two seconds to answer
GIVE = """
from tests.consent import making
print(json.dumps(making.published().code))
"""


def attack(site: Site) -> list[Finding]:
    """Withdraw, sign in, enter wrong codes and passwords while Redis is down, then while it is silent."""
    findings = []
    for kind, listening, guessed in (("refuses", False, "bob"), ("silent", True, "officer")):
        code = site.shell(GIVE)
        with _away(listening=listening) as address:
            site.restart(REDIS_URL=address)
            answers = _visit(site, code)
        worst = max(answer.seconds for answer in answers.values())
        wrong = {name: answer.status for name, answer in answers.items() if answer.status >= 500}
        reached = "Hidden from everybody" in answers["withdrawn"].text
        findings += [
            Finding(f"redis_down: {kind}, answers 5xx", str(wrong or 0), "0", not wrong),
            Finding(f"redis_down: {kind}, withdrawn with the code", str(reached), "True", reached),
            Finding(f"redis_down: {kind}, slowest", f"{worst:.1f} s", f"< {LIMIT_SECONDS:g} s", worst < LIMIT_SECONDS),
            _limited(site, kind, guessed),
        ]
    return findings


@contextlib.contextmanager
def _away(*, listening: bool) -> Iterator[str]:
    with contextlib.closing(socket.socket()) as server:
        port = free_port()
        if listening:
            server.bind(("127.0.0.1", port))
            server.listen(64)
        yield f"redis://127.0.0.1:{port}/0"


def _visit(site: Site, code: str) -> dict[str, Answer]:
    patient, member = site.visitor(source="127.0.0.9"), site.visitor(source="127.0.0.8")
    found = {"page": patient.get("/withdraw/")}
    found["wrong code"] = patient.post("/withdraw/", found["page"], code=WRONG)
    found["right code"] = patient.post("/withdraw/", found["page"], code=code)
    note = re.search(r'name="note" value="([^"]+)"', found["right code"].text)
    assert note is not None
    found["withdrawn"] = patient.post("/withdraw/confirm/", found["right code"], note=note[1])
    found["sign-in page"] = member.get("/sign-in/")
    fields = {"login": "alice@hospital.example"}
    found["wrong password"] = member.post("/sign-in/", found["sign-in page"], **fields, password="wrong")  # noqa: S106
    found["signed in"] = member.post("/sign-in/", found["wrong password"], **fields, password=site.PASSWORD)
    return found


def _limited(site: Site, kind: str, guessed: str) -> Finding:
    """Signing in stays limited: nobody guesses more often because Redis is away."""
    judged = 0
    for number in range(10):
        guesser: Visitor = site.visitor(source=f"127.0.2.{number + 1}")
        page = guesser.get("/sign-in/")
        answer = guesser.post("/sign-in/", page, login=f"{guessed}@hospital.example", password=f"wrong {kind} {number}")
        judged += answer.status == 200 and "is not right" in answer.text
    return Finding(f"redis_down: {kind}, wrong passwords judged", f"{judged} of 10", "5", judged == 5)
