"""Wrong codes: whoever guesses withdrawal codes is slowed down, and no patient is kept from withdrawing."""

from bench.attack import Finding
from bench.attack.site import Site

ADDRESSES, CODES = 55, 10
WRONG = "7K3M-9TQA-02XC-VB5N-4HJW-Z8PD-6RYE"
GIVE = """
from tests.consent import making
print(json.dumps(making.published().code))
"""


def attack(site: Site) -> list[Finding]:
    """Enter 550 wrong codes from 55 addresses, then a right one from a fresh address and from one that guessed."""
    code = site.shell(GIVE)
    entered = 0
    for number in range(ADDRESSES):
        guesser = site.visitor(source=f"127.0.4.{number + 1}")
        page = guesser.get("/withdraw/")
        entered += sum(guesser.post("/withdraw/", page, code=WRONG).status in (422, 429) for _time in range(CODES))
    eleventh = guesser.post("/withdraw/", page, code=WRONG).status
    found = [
        Finding("wrong_codes: entered", str(entered), str(ADDRESSES * CODES), entered == ADDRESSES * CODES),
        Finding("wrong_codes: the eleventh of an address", str(eleventh), "429", eleventh == 429),
    ]
    for name, source in (("a fresh address", "127.0.5.1"), ("an address that guessed", "127.0.4.1")):
        patient = site.visitor(source=source)
        answer = patient.post("/withdraw/", patient.get("/withdraw/"), code=code)
        found.append(Finding(f"wrong_codes: right code, {name}", str(answer.status), "200", answer.status == 200))
    (lines,) = site.rows("SELECT count(*) FROM audit_event WHERE verb = 'consent.wrong_code'")[0]
    told = ADDRESSES * CODES
    return [*found, Finding("wrong_codes: lines in the log", str(lines), str(told), lines == told)]
