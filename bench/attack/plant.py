"""What attacks need inside a site: published cases with their patients' codes, and a patient who withdraws."""

import re
import time
from typing import Any

from bench.attack.site import Answer, Site, Visitor

PLANT = """
from accounts.models import Member
from consults.models import Comment
from tests.consent import making
made = []
for number in range(given["cases"]):
    published = making.published()
    for member in Member.objects.verified().filter(is_staff=False, is_privacy_officer=False)[: given["comments"]]:
        Comment.objects.create(case=published.case, author=member, text="I would look at the margin again.")
    made.append({"case": str(published.case.pk), "consent": str(published.consent.pk), "code": published.code})
print(json.dumps(made))
"""


def publish(site: Site, *, cases: int = 1, comments: int = 0) -> list[dict[str, Any]]:
    """Publish cases of alice, each with comments; return the ids of case and consent, and the code, of each."""
    made: list[dict[str, Any]] = site.shell(PLANT, cases=cases, comments=comments)
    return made


def withdraw(patient: Visitor, *, code: str) -> Answer:
    """Withdraw with the code through the pages, as a patient does; return the certificate's page."""
    page = patient.post("/withdraw/", patient.get("/withdraw/"), code=code)
    note = re.search(r'name="note" value="([^"]+)"', page.text)
    assert note is not None, f"the code was not taken ({page.status})"
    return patient.post("/withdraw/confirm/", page, note=note[1])


def keys_destroyed_after(site: Site, *, consent: str, seconds: float) -> float:
    """Wait for the keys of a withdrawn consent; return the seconds until they were gone, or infinity."""
    began = time.monotonic()
    wanted = consent.replace("-", "")
    question = "SELECT 1 FROM consent_withdrawal WHERE consent_id = ? AND keys_destroyed_at IS NOT NULL"
    took = site.until(lambda: site.rows(question, wanted), seconds=seconds)
    return float("inf") if took is None else time.monotonic() - began
