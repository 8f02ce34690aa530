"""The consult room by people in three browsers: told, addressed, asked, and nothing of it before one's own answer.

Six stories: from the post to the consensus; a pin, a mention and a reply; a follow-up with histology, and the outcome;
a report and what follows, and sensitive pictures; a withdrawal after which no word is left, mails included; a group's
room and its poll. Words that only one case has are looked for in every page, fragment and mail of whoever may not read
them yet. `RETE_SHOTS=folder` keeps a picture of each page at both sizes, light and dark.
"""

import json
import os
import random
import sqlite3
import string
from collections.abc import Iterator
from contextlib import closing
from email import message_from_bytes, policy
from pathlib import Path

import cv2
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from demo.drawings.catalogue import PICTURES
from tests.browser.axe import violations
from tests.browser.conftest import DESKTOP, PASSWORD, PHONE, PIPELINE_MS, Site, Visit, running_site
from tests.browser.test_journey import choose_diagnosis, record_consent
from tests.browser.test_three_pictures import click, review
from tests.browser.uploading import case_of, until

# Mails at once are held back in quiet hours, and it may be night: nobody here has any. Everybody has a digest.
MORE_PEOPLE = """
from datetime import timedelta
from django.utils import timezone
from accounts.models import Member
from accounts.profiles import directory
from notifications.models import Preference
from tests import factories
for key, fields in {
    "carol": {"institution": "Lake Clinic"},
    "dora": {"institution": "Hill Practice"},
    "mod2": {"institution": "Forest Hospital", "is_moderator": True},
}.items():
    factories.member(email=f"{key}@hospital.example", name=f"Dr {key.title()}", password="%s", **fields)
Member.objects.filter(email="bob@hospital.example").update(institution="Harbour Hospital")
for member in Member.objects.all():
    directory.refresh(member.pk)
    Preference.objects.create(member=member, quiet_from=0, quiet_until=0, rhythm="daily",
                              digest_due_at=timezone.now() + timedelta(days=1))
"""
ANSWER = """
from consults.discussion import answers
from consults.models import Case
from tests import factories
from accounts.models import Member
answers.answer(case=Case.objects.get(pk="{case}"), by=Member.objects.get(email="{who}@hospital.example"),
               choices=[answers.Choice("{code}", "probable")])
"""
MAIL_NOW = "from notifications.notices import delivery\ndelivery.hand_over()"
DIGEST_NOW = """
from django.utils import timezone
from notifications.models import Preference
from notifications.notices import delivery
Preference.objects.update(digest_due_at=timezone.now())
delivery.hand_over_digests()
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, prepared: Path) -> Iterator[Site]:
    """A site of its own: its mails and its tables are read as a whole."""
    with running_site(tmp_path_factory.mktemp("room"), prepared) as site:
        site.run(MORE_PEOPLE % PASSWORD)
        yield site


@pytest.fixture(autouse=True)
def _nobody_was_told_anything(site: Site) -> None:
    """No test finds the notices and mails of another, in whatever order they run."""
    with closing(sqlite3.connect(site.data / "rete.sqlite3", timeout=60)) as database, database:
        database.execute("DELETE FROM notifications_notice")
    for mail in (site.data / "mail").glob("*"):
        mail.unlink()


def canary(kind: str) -> str:
    """A word that nobody else writes."""
    return kind + "canary" + "".join(random.choices(string.ascii_lowercase, k=10))  # noqa: S311 - no secret


def looked_at(page: Page, name: str) -> None:
    """Neither axe nor the width of the window finds a fault; a picture of it for whoever asks for one."""
    folder = os.environ.get("RETE_SHOTS")
    found = [violations(page, theme=theme) for theme in ("light", "dark")]
    if folder:
        size = page.viewport_size
        assert size is not None
        for shown in (DESKTOP, PHONE):
            page.set_viewport_size({"width": shown["width"], "height": shown["height"]})
            for theme in ("light", "dark"):
                page.locator("html").evaluate("(root, theme) => { root.dataset.bsTheme = theme; }", theme)
                page.screenshot(path=str(Path(folder) / f"{name}-{shown['width']}-{theme}.png"), full_page=True)
        page.set_viewport_size(size)
    page.locator("html").evaluate("(root) => { root.dataset.bsTheme = 'light'; }")
    assert found == [[], []]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def everything_of(page: Page, case: str) -> dict[str, str]:
    """Whatever the site sends this member that could speak of a case: pages, fragments that are polled, lists."""
    about = ("", "thread/?after=2000-01-01T00:00:00Z", "pins/", "similar/", "people/?q=a", "report/", "close/")
    lists = ("/cases/", "/cases/?sort=discussed", "/cases/saved/", "/cases/mine/", "/cases/waiting/", "/following/")
    lists += ("/searches/", "/notices/", "/reports/mine/", "/me/", "/groups/", "/transparency/")
    paths = (*(f"/cases/{case}/{part}" for part in about), *lists)
    return {
        f"{path} {part}": page.request.get(path, headers={"HX-Request": part}).text()
        for path in paths
        for part in ("true", "false")
    }


def finds(page: Page, words: str, case: str) -> bool:
    """Whether a search for these words leads this member to the case."""
    return f"/cases/{case}/" in page.request.get("/cases/", params={"q": words}).text()


def says_nothing(page: Page, case: str, *words: str) -> None:
    """None of these words is in anything that the member is sent, and none leads to the case by the search."""
    sent = everything_of(page, case)
    assert [(path, word) for path, text in sent.items() for word in words if word.lower() in text.lower()] == []
    assert [word for word in words if finds(page, word, case)] == []


def mails(site: Site, to: str = "") -> list[str]:
    """All mails that were sent so far, to this member or to everybody: headers and text as they are read."""
    found = []
    for file in Path(site.data, "mail").glob("*"):
        for raw in file.read_bytes().split(b"\n" + b"-" * 79 + b"\n"):
            if b"\nTo: " in raw and f"{to}@hospital.example".removeprefix("@").encode() in raw:
                read = message_from_bytes(raw, policy=policy.default)
                found.append("\n".join(f"{k}: {v}" for k, v in read.items()) + "\n\n" + str(read.get_content()))
    return found


def mail_now(page: Page, site: Site, to: str, words: str) -> None:
    """Hand over what is to be mailed at once, and wait for such a mail."""
    site.run(MAIL_NOW)
    until(page, lambda: any(words in mail for mail in mails(site, to)))


def bell(page: Page, case: str, unread: int) -> None:
    """The bell on the page of a case, as everywhere, counts so much."""
    page.goto(f"/cases/{case}/")
    expect(page.get_by_role("link", name=f"Notices, {unread} unread")).to_be_visible()


def told(page: Page, *sentences: str) -> None:
    """The page of notices says these things as new."""
    page.goto("/notices/")
    for sentence in sentences:
        expect(page.locator(".told.is-unread").filter(has_text=sentence)).to_have_count(1)


def drawn(folder: Path, name: str) -> Path:
    """A drawing as a camera would hand it over."""
    path = folder / f"{name}.jpg"
    Image.fromarray(cv2.resize(PICTURES[name].draw(), (1200, 900), interpolation=cv2.INTER_AREA)).save(path, quality=92)
    return path


def add_picture(page: Page, path: Path, *, kind: str, caption: str, stain: str = "") -> None:
    """Upload a picture, say what it is, look at its masks, wait for the seal."""
    page.locator("[data-upload-input]").first.set_input_files(path)
    card = page.locator(".picture-card")
    expect(card.get_by_text("Your review is needed")).to_be_visible(timeout=PIPELINE_MS)
    with page.expect_response(lambda response: response.url.endswith("/about/")):
        card.get_by_label("Picture type").select_option(kind)
    if stain:
        with page.expect_response(lambda response: response.url.endswith("/about/")):
            card.get_by_label("Stain").select_option(stain)
    with page.expect_response(lambda response: response.url.endswith("/about/")):
        card.get_by_label("Caption").fill(caption)
        card.get_by_label("Caption").press("Tab")
    card.get_by_role("link", name="Review the masks").click()
    review(page, click)
    expect(page.locator(".picture-status").get_by_text("Masked and sealed")).to_be_visible(timeout=PIPELINE_MS)


def send_with_consent(page: Page) -> str:
    """Have the consent signed on the screen, send the case to the second reader; returns the patient's code."""
    code = record_consent(page)
    page.get_by_role("button", name="I have given it to the patient").click()
    expect(page.get_by_role("heading", name="Nothing is missing")).to_be_visible()
    page.get_by_role("button", name="Send to the second reader").click()
    expect(page.get_by_text("Waiting for the second read").first).to_be_visible()
    return code


def second_read(moderator: Page, title: str) -> None:
    """Release what waits under this title, as a second reader does."""
    moderator.goto("/second-reads/")
    moderator.get_by_role("link", name=title).first.click()
    release = moderator.get_by_role("button", name="Release", exact=True)
    expect(release).to_be_visible()
    for said in (
        "I looked at every picture at full size",
        "what machines miss",
        "I read every word",
        "I read the cons",
    ):
        for tick in moderator.get_by_label(said).all():
            tick.check()
    release.click()
    expect(moderator.get_by_text("Released. The case is visible to its audience now.")).to_be_visible()


def answer(page: Page, case: str, typed: str) -> None:
    """Give a diagnosis, blind."""
    page.goto(f"/cases/{case}/")
    choose_diagnosis(page, "Most likely", typed)
    page.get_by_label("Probable").first.check()
    page.get_by_role("button", name="Save my diagnosis").click()
    expect(page.get_by_role("heading", name="What colleagues think")).to_be_visible()


def write(page: Page, text: str) -> None:
    """Write a comment."""
    page.get_by_label("Your comment").fill(text)
    page.get_by_role("button", name="Write", exact=True).click()
    expect(page.locator("#thread").get_by_text(text.rpartition(" ")[2])).to_be_visible()


def test_from_the_post_to_the_consensus(sign_in: Visit, site: Site, tmp_path: Path) -> None:
    title, note, caption, comment = (canary(kind) for kind in ("title", "note", "caption", "comment"))
    alice = sign_in("alice")
    alice.get_by_role("link", name="New case").first.click()
    expect(alice.get_by_role("heading", name="New case")).to_be_visible()
    add_picture(alice, drawn(tmp_path, "psoriasis_arm_close_up"), kind="close-up", caption=f"The edge, {caption}")
    case = str(case_of(alice))
    alice.get_by_role("link", name="Go on with the case").click()
    alice.get_by_label("title").fill(f"Scaly plaque, {title}")
    alice.get_by_label("question").select_option("diagnosis")
    alice.get_by_label("clinical note").fill(f"Growing slowly for four months, {note}.")
    alice.get_by_role("combobox", name="age").select_option("40-49")
    alice.get_by_label("sex").select_option("female")
    alice.get_by_label("body site").select_option("forearm")
    alice.get_by_label("duration").select_option("6w-6m")
    alice.get_by_label("primary morphology").select_option("plaque")
    choose_diagnosis(alice, "Diagnosis 1", "discoid lup")
    alice.get_by_role("button", name="Go on with the consent").click()
    send_with_consent(alice)

    bob, moderator = sign_in("bob"), sign_in("mod1")
    says_nothing(bob, case, title, note, caption, "discoid lupus")
    told(moderator, "A case waits for a second read")
    second_read(moderator, title)
    told(alice, "Your case was released")

    # Open to read and to answer; the author's own thoughts are not.
    bob.goto(f"/cases/{case}/")
    for shown in (title, note, caption):
        expect(bob.locator("main")).to_contain_text(shown)
    says_nothing(bob, case, "discoid lupus", "The author's working differential", "What colleagues think")
    looked_at(bob, "case-before")
    answer(bob, case, "actinic kerat")
    write(bob, f"Rough under the finger, {comment}")
    bell(alice, case, 3)
    told(alice, "Your case was released", "A new answer to your case", "A reply to what you wrote")

    # Whoever has not answered learns how many have, and no more; nor does a moderator who released it.
    site.run(ANSWER.format(case=case, who="carol", code="actinic-keratosis"))
    for other in (dora := sign_in("dora"), moderator):
        says_nothing(other, case, "actinic keratosis", "discoid lupus", comment, "Dr Bob", "Dr Carol")
        other.goto(f"/cases/{case}/")
        expect(other.get_by_text("2 colleagues have answered.")).to_be_visible()
        expect(other.get_by_role("link", name="Notices", exact=True).first).to_be_visible()
    bob.reload()
    expect(bob.get_by_text("Shown from 3 answers on: 2 so far.")).to_be_visible()
    answer(dora, case, "actinic kerat")
    expect(dora.locator("#consensus").locator("xpath=ancestor::section")).to_contain_text("Actinic keratosis")
    expect(dora.get_by_text(comment)).to_be_visible()
    looked_at(dora, "case-after")
    told(bob, "has enough answers for a consensus")
    bob.get_by_role("link", name="has enough answers for a consensus").click()
    expect(bob.get_by_text("Shown from 3 answers on")).to_have_count(0)
    expect(bob.get_by_text("The author's working differential")).to_be_visible()
    says_nothing(moderator, case, "actinic keratosis", "discoid lupus", comment)
    site.run(MAIL_NOW)
    site.run(DIGEST_NOW)
    until(alice, lambda: any("Answers to your cases: 3" in mail for mail in mails(site, "alice")))
    sent = "".join(mails(site))
    for word in (title, note, caption, comment, "actinic", "Dr Bob", case):
        assert word not in sent


# Cases that are there already, as the services make them; ANSWERS opens the discussion to somebody.
PLANT = """
import json
from tests import factories
from tests.consent import making
from tests.consults import reading
from tests.imaging.engine import pictures
shades = (pictures.encoded(pictures.chart(1200, 900), "JPEG"),) * 3
alice = factories.person("alice")
given, code = making.consent(alice)
case = making.submitted(alice, consent=given, pictures=0, **{fields})
making.picture(case, shades=shades, caption="{caption}")
case = making._release(case, by=factories.person("mod1"))
print("PLANTED" + json.dumps({{"case": str(case.pk), "code": code}}))
"""


def plant(
    site: Site, *, caption: str = "", answers: tuple[tuple[str, str], ...] = (), **fields: object
) -> tuple[str, str]:
    """A released case of alice's with answers: its id, and the patient's code."""
    made = json.loads(site.run(PLANT.format(fields=fields, caption=caption)).rpartition("PLANTED")[2])
    for who, code in answers:
        site.run(ANSWER.format(case=made["case"], who=who, code=code))
    return made["case"], made["code"]


def read_all(*pages: Page) -> None:
    """Each of these members has seen what was told so far."""
    for page in pages:
        page.goto("/notices/")
        button = page.get_by_role("button", name="Mark all as read")
        if button.count():
            button.click()
            expect(page.get_by_text("All notices are marked as read.")).to_be_visible()


def test_a_pin_a_mention_and_a_reply(sign_in: Visit, site: Site) -> None:
    """On phones."""
    title, pin, comment, reply = (canary(kind) for kind in ("title", "pin", "comment", "reply"))
    case, _code = plant(site, title=title, answers=(("bob", "lichen-planus"), ("carol", "lichen-planus")))
    bob, carol, dora = (sign_in(who, **PHONE) for who in ("bob", "carol", "dora"))
    read_all(bob, carol, dora)

    # A pin, by finger, and somebody addressed who has not answered.
    bob.goto(f"/cases/{case}/")
    bob.get_by_role("button", name="Point", exact=True).click()
    layer = bob.get_by_role("application", name="Picture to mark")
    expect(layer).to_be_focused()
    layer.tap()  # in its middle
    bob.get_by_label("What is there?").fill(f"Silvery scale, {pin}")
    bob.get_by_role("button", name="Put the pin").click()
    expect(bob.locator("#pin-1")).to_contain_text(pin)
    field = bob.get_by_label("Your comment")
    field.press_sequentially("@Dor")
    expect(bob.get_by_role("listbox", name="Whom to address").get_by_role("option").first).to_contain_text("Dora")
    field.press("Enter")
    field.press_sequentially(f"do you agree? See 1, {comment}")
    bob.get_by_role("button", name="Write", exact=True).click()
    expect(bob.locator("#thread")).to_contain_text(comment)
    looked_at(bob, "thread")

    # She is told that she was addressed, and reads nothing of it, on the page or anywhere else, before her own answer.
    mail_now(dora, site, "dora", "Somebody addressed you.")
    bell(dora, case, 1)
    told(dora, "You were addressed in a discussion")
    looked_at(dora, "notices")
    says_nothing(dora, case, pin, comment, "lichen planus")
    dora.get_by_role("link", name="You were addressed in a discussion").click()
    expect(dora.get_by_role("heading", name="Your diagnosis")).to_be_visible()
    expect(dora.locator("#thread, #pins, .viewer-pins .pin-disc")).to_have_count(0)
    expect(dora.get_by_text("Somebody addresses you in the discussion.")).to_be_visible()
    answer(dora, case, "lichen planus")

    # Now the comment leads to its pin, and a reply reaches bob, who has the page open.
    said = dora.locator("#thread .comment").filter(has_text=comment)
    said.get_by_role("link", name="See 1").click()
    expect(dora.locator("#pin-1.is-chosen")).to_contain_text(pin)
    said.get_by_role("link", name="Reply").click()
    expect(dora.get_by_text("Your reply to Dr Bob:")).to_be_visible()
    write(dora, f"I agree, {reply}")
    bob.evaluate("window.htmx.trigger(document.getElementById('thread'), 'rete:news')")
    expect(bob.locator(".replies").get_by_text(reply)).to_be_visible()
    mail_now(bob, site, "bob", "There is a reply to what you wrote.")
    told(bob, "A reply to what you wrote", "has enough answers for a consensus")
    told(carol, "has enough answers for a consensus")
    sent = "".join(mails(site))
    for word in (title, pin, comment, reply, "Lichen planus", "Dr Dora", case):
        assert word not in sent


def test_a_follow_up_with_histology_and_the_outcome(sign_in: Visit, site: Site, tmp_path: Path) -> None:
    title, note, caption, done = (canary(kind) for kind in ("title", "later", "slide", "outcome"))
    case, _code = plant(site, title=title, answers=(("bob", "bcc"), ("carol", "psoriasis")))
    alice, bob, dora = (sign_in(who) for who in ("alice", "bob", "dora"))
    read_all(alice, bob, dora)
    choose_when(bob)

    alice.goto(f"/cases/{case}/")
    alice.get_by_role("button", name="Add a follow-up").click()
    expect(alice.get_by_role("heading", name="Follow-up", level=1)).to_be_visible()
    looked_at(alice, "follow-up-pictures")
    histology = next(name for name, picture in PICTURES.items() if picture.kind == "histology")
    add_picture(alice, drawn(tmp_path, histology), kind="histology", stain="he", caption=f"Nests, {caption}")
    alice.get_by_role("link", name="Go on with").first.click()
    alice.get_by_label("What do you add?").select_option("histology")
    alice.get_by_label("How long after the first pictures?").fill("2")
    alice.get_by_label("Days, weeks, months or years").select_option("week")
    alice.get_by_label("What is new").fill(f"Punch biopsy of the edge, {note}.")
    expect(alice.locator("[data-autosave-status]").first).to_have_attribute("data-state", "saved")
    looked_at(alice, "follow-up")
    alice.get_by_role("button", name="Go on with the consent").click()
    send_with_consent(alice)
    for other in (bob, dora):
        says_nothing(other, case, note, caption)

    moderator = sign_in("mod1")
    second_read(moderator, title)
    told(bob, "New pictures or findings in a case that you took part in")
    bob.get_by_role("link", name="New pictures or findings").click()
    expect(bob.get_by_role("heading", name="2 weeks after · Histology")).to_be_visible()
    for word in (note, caption):
        expect(bob.locator("main")).to_contain_text(word)
    looked_at(bob, "case-with-follow-up")
    for other in (dora, moderator):
        says_nothing(other, case, note, caption, "basal cell")
    dora.goto(f"/cases/{case}/")
    expect(dora.get_by_text("1 follow-up opens with your own answer.")).to_be_visible()

    alice.goto(f"/cases/{case}/")
    alice.get_by_role("link", name="Close with the outcome").click()
    choose_diagnosis(alice, "Final diagnosis", "basal cell carc")
    alice.get_by_label("What does it rest on?").select_option("histopathology")
    alice.get_by_label("What was done").fill(f"Excised, {done}")
    looked_at(alice, "close")
    alice.get_by_role("button", name="Close the case").click()
    expect(alice.get_by_text(done)).to_be_visible()
    told(bob, "has its outcome", "Your diagnosis was the outcome of a case")
    site.run(DIGEST_NOW)
    until(bob, lambda: any("Your diagnosis was the outcome: 1" in mail for mail in mails(site, "bob")))
    bob.get_by_role("link", name="Your diagnosis was the outcome of a case").click()
    expect(bob.get_by_text("Your first diagnosis was the outcome.")).to_be_visible()
    expect(bob.get_by_text("You were right before the biopsy was read.")).to_be_visible()
    expect(bob.locator("main")).to_contain_text(done)
    looked_at(bob, "outcome")
    dora.goto("/notices/")  # she took no part
    expect(dora.locator(".told.is-unread")).to_have_count(0)
    site.run(DIGEST_NOW)  # nothing has happened since: no empty one
    site.run(MAIL_NOW)
    assert len([mail for mail in mails(site, "bob") if "Your diagnosis was the outcome" in mail]) == 1
    sent = "".join(mails(site))
    for word in (title, note, caption, done, "Basal", "Dr Alice", case):
        assert word not in sent


def choose_when(page: Page) -> None:
    """Choose the hour of the digest on the page of settings, and no quiet hours."""
    page.goto("/notices/")
    page.get_by_role("link", name="What I am told").click()
    looked_at(page, "notice-settings")
    page.get_by_label("Hour of the digest").select_option("6")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()


def test_a_report_hides_and_a_moderator_lifts_and_sensitive_pictures(sign_in: Visit, site: Site) -> None:
    title, words = canary("title"), canary("report")
    case, _code = plant(site, title=title, answers=(("bob", "psoriasis"),))
    alice, bob, carol, moderator = (sign_in(who) for who in ("alice", "bob", "carol", "mod1"))
    read_all(alice, bob, carol, moderator)

    bob.goto(f"/cases/{case}/")
    picture = bob.locator("[data-viewer-picture]").first.get_attribute("data-src") or ""
    assert [page.request.get(picture).status for page in (bob, carol)] == [200, 200]
    bob.get_by_role("link", name="Report this case or a picture").click()
    bob.get_by_role("button", name="Report it").click()
    expect(bob.get_by_text("Choose a reason.").first).to_be_visible()
    looked_at(bob, "report")
    bob.get_by_label("What is it about?").select_option("Picture 1")
    bob.get_by_label("It could show who a patient is").check()
    bob.get_by_label("In a sentence").fill(f"A ring can be recognised, {words}")
    bob.get_by_role("button", name="Report it").click()
    expect(bob.get_by_text("It is hidden from now on, until a moderator has looked at it.")).to_be_visible()
    looked_at(bob, "reported")
    for page in (bob, carol):
        assert page.request.get(picture).status == 404
        says_nothing(page, case, title)
    for page in (alice, carol):  # the author never learns who, nobody reads the words
        says_nothing(page, case, words, "Dr Bob reported")
    told(alice, "Something that you posted was hidden, or is shown again")
    until(alice, lambda: any("hid" in mail for mail in mails(site, "alice")))
    alice.get_by_role("link", name="Something that you posted was hidden").click()
    expect(alice.get_by_text("It could show who a patient is")).to_be_visible()
    looked_at(alice, "hidden-author")

    told(moderator, "News of a report")
    moderator.get_by_role("link", name="News of a report").click()
    expect(moderator.get_by_role("heading", name="Reported and hidden")).to_be_visible()
    looked_at(moderator, "desk")
    moderator.locator("main").get_by_role("link", name=title).first.click()
    expect(moderator.get_by_role("heading", name=title)).to_be_visible()
    expect(moderator.get_by_role("region", name="What was reported")).to_contain_text("1 · Clinical close-up")
    expect(moderator.locator("main")).not_to_contain_text(words)  # she has not answered
    looked_at(moderator, "desk-case")
    moderator.get_by_label("Why, in a sentence").fill("No ring in the picture.")
    moderator.get_by_role("button", name="Show it again").click()
    expect(moderator.get_by_text("It is shown again. The author is told.")).to_be_visible()
    assert [page.request.get(picture).status for page in (bob, carol)] == [200, 200]
    told(bob, "News of a report")
    bob.get_by_role("link", name="News of a report").click()
    expect(bob.get_by_role("heading", name="My reports")).to_be_visible()
    expect(bob.get_by_text("Nothing is wrong with it; reported in good faith")).to_be_visible()
    looked_at(bob, "my-reports")
    told(alice, "Something that you posted was hidden, or is shown again")

    # Marked by its author: from now on nothing is sent before somebody asks, and asking is recorded.
    alice.goto(f"/cases/{case}/")
    alice.get_by_text("Mark the pictures as sensitive").click()
    alice.get_by_label("Intimate").check()
    alice.get_by_role("button", name="Mark", exact=True).click()
    expect(alice.get_by_text("Marked. From now on its pictures are shown only to those who ask")).to_be_visible()
    says_nothing(carol, case, picture)
    assert carol.request.get(picture).status == 404
    carol.goto("/cases/")
    expect(carol.get_by_role("link", name=title)).to_be_visible()
    carol.get_by_role("link", name=title).click()
    expect(carol.get_by_role("heading", name="Sensitive pictures")).to_be_visible()
    looked_at(carol, "sensitive")
    carol.get_by_role("button", name="Show the pictures").press("Enter")
    expect(carol.locator(".viewer-pane")).to_have_count(1)
    assert [page.request.get(picture).status for page in (carol, bob)] == [200, 404]
    asked = "SELECT count(*) FROM audit_event WHERE verb = 'case.sensitive_asked'"
    assert rows(site, asked) == [(1,)]


def rows(site: Site, question: str) -> list[tuple[object, ...]]:
    """What the database answers."""
    with closing(sqlite3.connect(f"file:{site.data}/rete.sqlite3?mode=ro", uri=True, timeout=20)) as database:
        return database.execute(question).fetchall()


# What colleagues wrote about the case, through the services, so that notices and mails speak of it.
TALK = """
import json
from consults.discussion import closing, comments
from consults.discussion.thread import reactions
from consults.models import Case, Outcome
from consults.pins import service as pins
from tests import factories
from tests.consults import additions
from tests.consults.pins.making import put_pin
from accounts.models import Member
case = Case.objects.get(pk="{case}")
alice, bob, carol = (Member.objects.get(email=f"{{who}}@hospital.example") for who in ("alice", "bob", "carol"))
put_pin(case, bob, text="Scale, {pin}")
said = comments.add_comment(case=case, by=bob, text="@Alice @Carol see 1, {comment}")
comments.add_comment(case=case, by=carol, text="I agree, {reply}", reply_to=said, quote="{comment}")
additions.addition(case, note="Flatter, {later}")
closing.close(case=case, by=alice, outcome=Outcome(diagnosis="psoriasis", reference="histopathology", done="{done}"))
"""


def test_a_withdrawal_leaves_nothing_mails_included(sign_in: Visit, visit: Visit, site: Site) -> None:
    kinds = ("title", "note", "caption", "comment", "pin", "reply", "later", "done")
    word = {kind: canary(kind) for kind in kinds}
    answers = tuple((who, "psoriasis") for who in ("bob", "carol", "dora"))
    case, code = plant(
        site, title=f"Plaque {word['title']}", note=f"Slowly, {word['note']}", caption=word["caption"], answers=answers
    )
    site.run(TALK.format(case=case, **word))
    members = {who: sign_in(who) for who in ("alice", "bob", "carol", "dora", "mod1")}
    site.run(MAIL_NOW)
    site.run(DIGEST_NOW)
    bob, carol = members["bob"], members["carol"]
    until(bob, lambda: all(mails(site, who) for who in ("alice", "bob", "carol")))
    bob.goto(f"/cases/{case}/")
    for shown in kinds:  # all of it was there
        expect(bob.locator("main")).to_contain_text(word[shown])
    told(carol, "You were addressed in a discussion", "has its outcome")
    expect(carol.locator("main")).to_contain_text(word["title"])
    noticed = f"SELECT count(*) FROM notifications_notice WHERE case_id = '{case.replace('-', '')}'"
    assert rows(site, noticed) > [(3,)]

    patient = visit(**PHONE)
    patient.goto("/withdraw/")
    patient.get_by_role("textbox").first.fill(code)
    patient.get_by_role("button", name="Continue").click()
    patient.get_by_role("button", name="Withdraw and destroy").click()
    expect(patient.get_by_role("heading", name="Your consent is withdrawn")).to_be_visible()
    # At once, and with the next look for news from the page that bob has open too.
    for page in members.values():
        says_nothing(page, case, *word.values())
    bob.evaluate("document.getElementById('thread') && window.htmx.trigger('#thread', 'rete:news')")
    expect(bob.locator("main")).not_to_contain_text(word["title"])
    expect(bob.get_by_role("heading", level=1)).to_be_visible()
    looked_at(bob, "gone")
    expect(patient.get_by_text("has been hidden and destroyed")).to_be_visible()

    told(carol, "A case that you posted, saved or took part in is gone")
    expect(carol.locator(".told.is-unread")).to_have_count(1)
    until(bob, lambda: all(any("gone" in mail for mail in mails(site, who)) for who in ("alice", "bob", "carol")))
    site.run(MAIL_NOW)
    site.run(DIGEST_NOW)
    sent = "".join(mails(site)).lower()
    assert [kind for kind in kinds if word[kind] in sent] == []
    assert case not in sent
    for name in ("rete.sqlite3", "keys.sqlite3"):
        with closing(sqlite3.connect(f"file:{site.data}/{name}?mode=ro", uri=True, timeout=20)) as database:
            kept = "\n".join(database.iterdump()).lower()
        assert [kind for kind in kinds if word[kind] in kept] == []
    assert rows(site, noticed) == [(0,)]


ROOM = """
from accounts.models import Member
from consults.groups.models import Kind
from consults.models import Group, Membership
group = Group.objects.create(name="Nail room", kind=Kind.CLOSED)
for who in ("alice", "bob", "carol", "mod1"):
    member = Member.objects.get(email=f"{who}@hospital.example")
    Membership.objects.create(group=group, member=member, is_moderator=who == "alice")
print("GROUP" + str(group.pk))
"""


def test_the_room_of_a_group_and_its_poll(sign_in: Visit, site: Site) -> None:
    question, word = canary("poll"), canary("message")
    group = site.run(ROOM).rpartition("GROUP")[2].strip()
    alice, bob, carol, dora = (sign_in(who) for who in ("alice", "bob", "carol", "dora"))
    read_all(alice, bob, carol, dora)
    alice.goto(f"/groups/{group}/")
    looked_at(alice, "group")
    alice.get_by_role("link", name="Thread").click()
    alice.get_by_label("Your message").fill(f"Welcome, {word}")
    alice.get_by_role("button", name="Write", exact=True).click()
    expect(alice.locator("main")).to_contain_text(word)
    looked_at(alice, "room")
    alice.goto(f"/groups/{group}/board/")
    alice.get_by_role("link", name="Poll").first.click()
    alice.get_by_label("Question").fill(f"Which clip do you use, {question}?")
    alice.get_by_label("Option 1").fill("Wide")
    alice.get_by_label("Option 2").fill("Narrow")
    looked_at(alice, "poll-new")
    alice.get_by_role("button", name="Put it on the board").click()
    expect(alice.get_by_role("heading", name=question)).to_be_visible()
    poll = alice.url

    told(bob, "News of a poll in a group of yours")
    bob.get_by_role("link", name="News of a poll in a group of yours").click()
    looked_at(bob, "poll")
    for page in (alice, bob, carol):  # by keyboard; nobody sees a result before voting, or of fewer than three
        page.goto(poll)
        assert "votes," not in page.content()
        page.get_by_label("Wide").focus()
        page.keyboard.press("Space")
        page.get_by_role("button", name="Vote").press("Enter")
        expect(page.get_by_text("You have voted.")).to_be_visible()
    expect(carol.get_by_text("3 votes, 100 %")).to_be_visible()
    looked_at(carol, "poll-result")
    for path in (poll, f"/groups/{group}/room/", f"/groups/{group}/board/"):
        assert dora.request.get(path).status == 404
    site.run(MAIL_NOW)
    site.run(DIGEST_NOW)
    until(carol, lambda: any("Polls in your groups: 1" in mail for mail in mails(site, "carol")))
    sent = "".join(mails(site))
    assert [one for one in (question, word, "Nail room") if one in sent] == []
