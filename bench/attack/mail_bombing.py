"""Strangers who make the site write to somebody, again and again; and who ask by the clock who has an account."""

import statistics
from itertools import product

from bench.attack import Finding
from bench.attack.hijacked_application import CLAIM, DOCTOR
from bench.attack.site import Site

SOURCES = tuple(f"127.0.1.{number}" for number in range(1, 11))
A_SOURCE = 4  # applications from each
KNOWN = ("alice", "bob", "resident", "mod1", "mod2")
ASKED = 4  # requests for a new password, for each address
MOST_AUC = 0.7  # 0.5: nothing is told apart; so few samples wander by 0.1


def attack(site: Site) -> list[Finding]:
    """Apply forty times in one name, and ask for many new passwords, from ten addresses."""
    sent = 0
    for source, _time in product(SOURCES, range(A_SOURCE)):
        visitor = site.visitor(source=source)
        sent += visitor.post("/join/", visitor.get("/join/"), email=DOCTOR, **CLAIM).status == 200
    known, unknown = [], []
    for number, name in product(range(ASKED), KNOWN):
        visitor = site.visitor(source=SOURCES[(number * len(KNOWN) + KNOWN.index(name)) % len(SOURCES)])
        page = visitor.get("/password/reset/")
        for times, address in ((known, f"{name}@hospital.example"), (unknown, f"{name}@nowhere.example")):
            times.append(visitor.post("/password/reset/", page, email=address).seconds)
    site.until(lambda: not site.rows("SELECT 1 FROM core_job WHERE state IN ('queued', 'running')"), seconds=60)
    joining, resets = mails(site, DOCTOR), max(mails(site, f"{name}@hospital.example") for name in KNOWN)
    apart = auc(known, unknown)
    return [
        Finding("mail_bombing: applications sent", str(sent), "> 20, or nothing is proved", sent > 20),
        Finding("mail_bombing: mails to the applicant", str(joining), "1 in ten minutes", joining == 1),
        Finding("mail_bombing: mails about a new password", str(resets), "1 in ten minutes", resets == 1),
        Finding(
            "mail_bombing: known addresses by the clock",
            f"AUC {apart:.2f}, {1000 * statistics.median(known):.0f} ms",
            f"< {MOST_AUC:g}",
            apart < MOST_AUC,
        ),
    ]


def mails(site: Site, address: str) -> int:
    """Return how many mails went to an address."""
    texts = [file.read_text(encoding="utf-8") for file in (site.data / "mail").glob("*")]
    return sum(text.count(f"To: {address}") for text in texts)


def auc(one: list[float], other: list[float]) -> float:
    """Return how well the times tell two groups apart: 0.5 not at all, 1 without a mistake."""
    wins = [(a > b) + (a == b) / 2 for a, b in product(one, other)]
    share = sum(wins) / len(wins)
    return max(share, 1 - share)
