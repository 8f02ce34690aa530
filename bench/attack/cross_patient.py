"""An author in a hurry picks the consent of one patient for the case of another; then the first patient withdraws."""

import re

from bench.attack import Finding
from bench.attack.plant import keys_destroyed_after, withdraw
from bench.attack.site import Site, Visitor

PLANT = """
from consults.models import Case
from tests import factories
from tests.consent import making
alice = factories.person("alice")
first, own = making.published(alice), making.published(alice, title="Another patient")
Case.objects.filter(pk=own.case.pk).update(state="draft")
other = making.submitted(alice, title="A third patient", sex="male")
bare = making.submitted(alice, title="A fourth patient")
Case.objects.filter(pk__in=[other.pk, bare.pk]).update(state="draft")
print(json.dumps({
    "consent": str(first.consent.pk), "code": first.code,
    "cases": {"own": str(own.case.pk), "other": str(other.pk), "bare": str(bare.pk)},
}))
"""
DESTROYED_SECONDS = 60.0


def attack(site: Site) -> list[Finding]:
    """Pick the first patient's consent for three cases of others, undo it once, and withdraw with its code."""
    made = site.shell(PLANT)
    author = site.member("alice")
    cases = made["cases"]
    for case in cases.values():
        _pick(author, case=case, consent=made["consent"])
    stands = {name: _consent_of(site, case) for name, case in cases.items()}
    step = f"/cases/{cases['bare']}/consent/"
    author.post(step, author.get(step), action="detach")
    undone = _consent_of(site, cases["bare"])
    withdraw(site.visitor(), code=made["code"])
    took = keys_destroyed_after(site, consent=made["consent"], seconds=DESTROYED_SECONDS)
    lost = [name for name, case in cases.items() if _state_of(site, case) != "draft"]
    wrong = made["consent"]
    return [
        Finding("cross_patient: own consent replaced", str(stands["own"] == wrong), "False", stands["own"] != wrong),
        Finding("cross_patient: other sex attached", str(stands["other"] == wrong), "False", stands["other"] != wrong),
        Finding("cross_patient: same facts, asked, undone", undone or "no consent", "no consent", not undone),
        Finding(
            "cross_patient: first patient's keys destroyed",
            f"{took:.1f} s",
            f"< {DESTROYED_SECONDS:g} s, or nothing is proved",
            took < DESTROYED_SECONDS,
        ),
        Finding("cross_patient: cases of others destroyed", str(len(lost)), "0", not lost),
    ]


def _pick(author: Visitor, *, case: str, consent: str) -> None:
    """Choose the consent, and say yes to everything that is asked."""
    step, compare = f"/cases/{case}/consent/", f"/cases/{case}/consent/attach/{consent}/"
    page = author.get(step)
    author.post(step, page, action="existing", consent=consent)
    shown = author.get(compare)
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', shown.text)
    author.post(compare, page, same_patient="on", told_patient="on", seen=seen[1] if seen else "0" * 64)


def _consent_of(site: Site, case: str) -> str:
    (row,) = site.rows("SELECT consent_id FROM consults_case WHERE id = ?", case.replace("-", ""))
    number = row[0] or ""
    return f"{number[:8]}-{number[8:12]}-{number[12:16]}-{number[16:20]}-{number[20:]}" if number else ""


def _state_of(site: Site, case: str) -> str:
    return str(site.rows("SELECT state FROM consults_case WHERE id = ?", case.replace("-", ""))[0][0])
