"""The bell, the page behind it, the choices, and the link that stops mails, in a browser, at both sizes."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.conftest import Site, Visit

TELL = """
import json
from django.db import transaction
from notifications.models import Preference
from notifications.notices import Kind, tell
from notifications.notices.unsubscribing import path_of
from tests import factories
from tests.consent import making
made = making.published(title="Zebra plaque")
bob = factories.person("bob")
bob.notices.all().delete()
Preference.objects.filter(member=bob).delete()
with transaction.atomic():
    for _ in range(3):
        tell(Kind.OUTCOME, [bob.pk], view="consults:case", args=[made.case.pk], case=made.case.pk)
    tell(Kind.POLL, [bob.pk], view="consults:groups")
print(json.dumps({"case": str(made.case.pk), "stop": path_of(bob, [Kind.MENTION])}))
"""
CHOSEN = """
import json
from notifications.models import Preference
print(json.dumps(Preference.objects.get(member__email="bob@hospital.example").choices))
"""


@pytest.fixture
def planted(site: Site) -> dict[str, str]:
    """Four events of two kinds for bob, and the link of a mail."""
    return dict(json.loads(site.run(TELL)))


@pytest.mark.parametrize(("width", "height"), [(360, 780), (1440, 900)])
def test_the_bell_and_what_it_leads_to(
    sign_in: Visit, site: Site, planted: dict[str, str], width: int, height: int
) -> None:
    page = sign_in("bob", width=width, height=height)
    page.goto("/me/")
    bell = page.get_by_role("link", name="Notices, 2 unread")
    box = bell.bounding_box()
    assert box is not None
    assert min(box["height"], box["width"]) >= 44
    bell.click()
    expect(page.get_by_role("heading", name="Notices", level=1)).to_be_visible()
    expect(page.locator("main")).to_contain_text("Zebra plaque")
    for theme in ("light", "dark"):
        assert violations(page, theme=theme) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name="3 changes of the outcome").click()
    expect(page).to_have_url(f"{site.address}/cases/{planted['case']}/")
    page.get_by_role("link", name="Notices, 1 unread").click()
    page.get_by_role("button", name="Mark as read: News of a poll").press("Enter")
    expect(page.get_by_role("link", name="Notices", exact=True).first).to_be_visible()
    expect(page.get_by_text("unread")).to_have_count(0)


def test_choosing_and_stopping(sign_in: Visit, site: Site, planted: dict[str, str]) -> None:
    page = sign_in("bob", width=360, height=780)
    page.goto("/me/notices/")
    page.get_by_label("Answers to your cases").select_option("at_once")
    page.get_by_label("Time zone").select_option("Europe/Berlin")
    for theme in ("light", "dark"):
        assert violations(page, theme=theme) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_label("Answers to your cases")).to_have_value("at_once")
    page.goto(planted["stop"])
    assert json.loads(site.run(CHOSEN)) == {"answer": "at_once"}
    page.get_by_role("button", name="Stop these mails").click()
    expect(page.get_by_role("heading", name="These mails have stopped")).to_be_visible()
    assert violations(page) == []
    assert json.loads(site.run(CHOSEN)) == {"answer": "at_once", "mention": "in_app"}


VENDOR = "PushManager.prototype.subscribe = async () => ({ endpoint: 'https://fcm.googleapis.com/fcm/send/abc' });"
KEY = """
from notifications.models import PushSubscription
from notifications.push import vapid
PushSubscription.objects.all().delete()
vapid.ensure_key()
"""


def test_turning_push_on_and_off(sign_in: Visit, site: Site) -> None:
    """The worker is registered under the site's own rules for scripts; only the vendor is played."""
    site.run(KEY)
    page = sign_in("bob", width=360, height=780)
    page.context.grant_permissions(["notifications"], origin=site.address)
    page.add_init_script(VENDOR)
    page.goto("/me/notices/")
    push = page.get_by_role("region", name="Push")
    expect(push.get_by_text("It is off in every browser of yours.")).to_be_visible()
    expect(push.get_by_text("The vendor of the browser")).to_be_visible()
    push.get_by_role("button", name="Turn on in this browser").click()
    expect(push.get_by_role("button", name="Turn off")).to_be_visible()
    assert page.evaluate("navigator.serviceWorker.getRegistration('/notices/').then(({ scope }) => scope)") == (
        f"{site.address}/notices/"
    )
    assert violations(page) == []
    push.get_by_role("button", name="Turn off").click()
    expect(push.get_by_text("It is off in every browser of yours.")).to_be_visible()
