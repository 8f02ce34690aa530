"""The device in the patient's hands, on a phone: a child's consent in Turkish, no way out, a signature, a receipt."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import PHONE, Site, Visit

PIN = "2468"
INKED = """() => {
  const pad = document.querySelector(".signature-pad");
  const { data } = pad.getContext("2d").getImageData(0, 0, pad.width, pad.height);
  return data.some((value, at) => at % 4 === 0 && value < 80);
}"""
DRAFT = """
from PIL import Image
import io
from accounts.models import Member
from consent.models import Consent
from consults.models import Case, CaseState
from tests.consults import reading
out = io.BytesIO()
Image.effect_noise((1200, 900), 60).convert("RGB").save(out, "JPEG")
alice = Member.objects.get(email="alice@hospital.example")
case = reading.case(alice, state=CaseState.DRAFT, data=out.getvalue(), age_band="6-12")
consent = case.consent
Case.objects.filter(pk=case.pk).update(consent=None)
consent.delete()
print("case", case.pk)
"""


AWAY = """
from consent.models import WithdrawnBy
from consent.withdrawal import withdraw
from consults.cases.authoring import drafts
from consults.models import Case
for case in Case.objects.filter(pk="%s"):
    if case.consent is None or case.consent.status != "active":
        drafts.discard(case=case, by=case.author)
    else:
        withdraw(consent_id=case.consent_id, by=WithdrawnBy.CLINICIAN, actor=case.author)
"""


@pytest.fixture
def draft(site: Site) -> Iterator[str]:
    """The id of a draft of alice's with one sealed picture and no consent, of a child; taken away afterwards."""
    made = site.run(DRAFT).split()[-1]
    yield made
    site.run(AWAY % made)


def rows(site: Site, question: str, *values: str) -> list[tuple[str, ...]]:
    with sqlite3.connect(f"file:{site.data}/rete.sqlite3?mode=ro", uri=True) as database:
        return list(database.execute(question, values))


def turkish(site: Site) -> tuple[str, str, str]:
    """Id of the form in use in Turkish; title and first statement of its text for guardians."""
    found = "SELECT id, title, text FROM consent_form WHERE language = 'tr' AND retired_at IS NULL AND code = ?"
    ((pk, _title, _text),) = rows(site, found, "rete-standard")
    ((_pk, title, text),) = rows(site, found, "rete-standard-guardian")
    return pk, title, next(line[2:] for line in text.splitlines() if line.startswith("- "))


def hand_over(page: Page, draft: str, form_id: str) -> None:
    """From the consent step to the patient's page: a child of 7 or older, the mother decides."""
    page.goto(f"/cases/{draft}/consent/")
    page.get_by_role("button", name="Prepare the hand-over").click()
    page.get_by_label("Capacity fluctuates").check()
    expect(page.get_by_text("Stop here: ask another day.")).to_be_visible()
    expect(page.get_by_role("button", name="Hand over now")).to_be_hidden()
    page.get_by_label("Child: a guardian decides, the child agrees").check()
    expect(page.get_by_label("Who signs?")).to_have_value("guardian")
    page.get_by_label("By what authority").fill("mother")
    page.get_by_label("How old is the child?").select_option("ask")
    page.get_by_label("Year in which the child comes of age").fill(str(timezone.localdate().year + 9))
    options = page.get_by_label("Consent form").locator("option")
    values = [option.get_attribute("value") or "" for option in options.all()]
    page.get_by_label("Consent form").select_option(next(v for v in values if v.replace("-", "") == form_id))
    page.get_by_label("PIN to come back").fill(PIN)
    page.get_by_label("PIN once more").fill(PIN)
    assert violations(page) == []
    page.get_by_role("button", name="Hand over now").click()
    page.wait_for_url("**/hand-over/")


def sign(page: Page) -> None:
    """Draw a signature with the finger's way of going up and down."""
    pad = page.locator(".signature-pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 60)
    page.mouse.down()
    for step in range(1, 8):
        page.mouse.move(box["x"] + 30 + 25 * step, box["y"] + 60 + (-1) ** step * 25)
    page.mouse.up()


def take_back(page: Page, pin: str) -> None:
    """The clinician's corner, opened where it is shut."""
    if not page.locator("#id_pin").is_visible():
        page.locator(".hand-back summary").click()
    page.locator("#id_pin").fill(pin)
    page.locator("#id_pin").press("Enter")


def test_a_child_consents_in_turkish_and_nobody_gets_out(
    sign_in: Visit, site: Site, draft: str, tmp_path: Path
) -> None:
    form_id, title, statement = turkish(site)
    page = sign_in("alice", **PHONE)
    hand_over(page, draft, form_id)
    expect(page.locator("html")).to_have_attribute("lang", "tr")
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    expect(page.get_by_text(statement)).to_be_visible()
    expect(page.locator(".handed-pictures img")).to_have_js_property("naturalWidth", 1200)
    assert page.locator("input[name=uses]:checked").count() == 0
    assert page.locator("nav").count() == 0
    assert all((link.get_attribute("href") or "").startswith("#") for link in page.locator("a").all())
    assert violations(page) == []

    # English and back again: ticks and signature stay on the page, and nowhere else on the device.
    page.locator("input[name=uses]").first.check()
    page.locator("input[name=child_agrees]").check()
    sign(page)
    page.locator("button[name=language][value=en]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator("button[name=language][value=tr]").click()
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    assert page.locator("input[name=uses]:checked").count() == 1
    expect(page.locator("input[name=child_agrees]")).to_be_checked()
    expect(page.locator(".signature")).to_have_class(re.compile("is-signed"))
    page.wait_for_function(INKED)
    assert page.evaluate("sessionStorage.getItem('rete-unsent')") is None
    page.locator("input[name=uses]").first.uncheck()
    page.locator("[data-signature-clear]").click()
    page.locator("input[name=child_agrees]").uncheck()

    # The address bar, back, reload, another tab.
    for address in ("/cases/", f"/cases/{draft}/consent/", "/", "/nothing-there/"):
        page.goto(address)
        page.wait_for_url("**/hand-over/")
    for _time in range(3):
        page.go_back()
        page.wait_for_url("**/hand-over/")
        expect(page.get_by_role("heading", name=title)).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    tab = page.context.new_page()
    tab.goto("/cases/mine/")
    tab.wait_for_url("**/hand-over/")
    tab.close()

    # Not signed: nothing is sent. Signed without the child's tick: not recorded.
    given = "SELECT consent_id FROM consults_case WHERE id = ?"
    page.locator("input[name=uses][value=all_members]").check()
    page.locator("button[value=agree]").click()
    expect(page.locator("[data-signature-error]")).not_to_be_empty()
    sign(page)
    page.locator("button[value=agree]").click()
    expect(page.locator("#agree .notice-error")).to_be_visible()
    assert rows(site, given, draft.replace("-", "")) == [(None,)]
    page.locator("#id_child_agrees").check()
    sign(page)
    page.locator("button[value=agree]").click()
    expect(page.locator(".handed-done")).to_be_visible()
    assert page.locator("main img").count() == 0
    assert violations(page) == []

    page.goto("/cases/")
    expect(page.locator(".handed-done")).to_be_visible()
    take_back(page, "1357")
    expect(page.locator("#id_pin_error, .hand-back .field-errors").first).not_to_be_empty()
    take_back(page, PIN)
    expect(page.get_by_role("heading", name="Consent recorded")).to_be_visible()
    code = page.locator("#withdrawal-code").inner_text()
    with page.expect_download() as download:
        page.get_by_role("button", name="Receipt to print (PDF)").click()
    path = tmp_path / "receipt.pdf"
    download.value.save_as(path)
    assert path.read_bytes().startswith(b"%PDF-")
    recorded = (
        "SELECT capacity, relation, assent, shown, copy_given FROM consent_consent "
        "WHERE status = 'active' AND id = (SELECT consent_id FROM consults_case WHERE id = ?)"
    )
    assert rows(site, recorded, draft.replace("-", "")) == [("child", "guardian", "agreed", "shown", 1)]
    assert code not in str(rows(site, "SELECT * FROM consent_consent"))
    page.goto("/cases/mine/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_url("**/cases/mine/")


def test_a_child_says_no(sign_in: Visit, site: Site, draft: str) -> None:
    form_id, _title, _statement = turkish(site)
    page = sign_in("alice", **PHONE)
    hand_over(page, draft, form_id)
    source = page.locator(".handed-pictures img").get_attribute("src") or ""
    assert page.request.get(source).status == 200
    page.locator("button[value=child_refuses]").click()
    page.locator("#confirm [data-confirm-yes]").click()
    expect(page.locator(".handed-done")).to_be_visible()
    assert page.request.get(source).status == 404
    take_back(page, PIN)
    expect(page.get_by_text("The patient said no on")).to_be_visible()
    assert page.request.get(source).status == 404
    assert violations(page) == []
    page.get_by_role("button", name="Delete the draft").click()
    page.wait_for_url("**/cases/mine/")


def test_the_pages_of_the_forms_are_accessible(sign_in: Visit) -> None:
    page = sign_in("officer", **PHONE)
    page.goto("/consent-forms/")
    found = violations(page)
    page.get_by_role("link", name="Consent to share pictures of you with").click()
    expect(page.get_by_text("Flesch-Kincaid")).to_be_visible()
    expect(page.get_by_text("Ateşman")).to_be_visible()
    found += violations(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    prose, phone = page.locator(".prose").first, "336px"  # 21rem
    expect(prose).not_to_have_css("max-width", phone)
    page.get_by_label("At the width of a phone").check()
    expect(prose).to_have_css("max-width", phone)
    page.set_viewport_size(PHONE)
    page.get_by_role("link", name="Write your own form from this one").click()
    expect(page.get_by_label("Short name")).to_be_visible()
    assert found + violations(page) == []
