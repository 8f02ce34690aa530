"""What stands on the consent step is what is taken, by every one of its buttons."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Member
from consent.models import Consent, Status
from consults.cases.consenting.handover import state
from consults.models import Case, CaseState, Group, Membership
from tests.consent import making
from tests.consults import reading
from tests.consults.cases.consenting import test_handover as handing
from tests.consults.new_case import JPEG, page
from tests.matrix import journey

BUTTONS = ("audience", "check", "hand_over", "existing", "detach", "exempt", "code", "draft", "record")


@pytest.fixture
def bare(alice: Member) -> Case:
    """A complete draft for all vetted members, without a consent."""
    made = reading.case(alice, state=CaseState.DRAFT, consent=None, data=JPEG)
    Consent.objects.all().delete()
    return made


@pytest.fixture
def group(alice: Member) -> Group:
    """A group of the author's."""
    made = Group.objects.create(name="Ward round")
    Membership.objects.create(group=made, member=alice)
    return made


def press(client: Client, case: Case, button: str, **fields: Any) -> Any:
    """Press a button of the page with everything that stands on it."""
    return client.post(
        reverse("consults:consent", args=[case.pk]), journey.consent_fields() | fields | {"action": button}
    )


def now(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def ticked(html: str) -> set[tuple[str, str]]:
    """Name and value of what is ticked; "" for a single box."""
    tags = [tag for tag in re.findall(r"<input[^>]*>", html) if re.search(r"\bchecked\b", tag)]
    return {tuple((re.findall(rf'\b{name}="([^"]*)"', tag) or [""])[0] for name in ("name", "value")) for tag in tags}


class Controls(HTMLParser):
    """The forms of a page: what each button would send, by the rules of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.inside, self.depth = "", 0
        self.fields: list[tuple[str, str]] = []
        self.buttons: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.inside = given.get("id") or given.get("action") or "unnamed"
        owner = given.get("form") or self.inside
        if tag in ("input", "select", "textarea") and given.get("name"):
            self.fields.append((owner, given["name"] or ""))
        if tag == "button" and given.get("name") == "action":
            self.buttons.append((owner, given.get("value") or ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = ""


@pytest.mark.parametrize("consent", ["none", "attached", "active without a code"])
def test_every_field_and_button_belongs_to_one_form(
    client: Client, bare: Case, settings: Any, consent: str, alice: Member
) -> None:
    settings.HISTOLOGY_EXEMPTION = True
    bare.pictures.update(kind="histology", stain="he")
    other = making.published(alice)
    if consent != "none":
        Case.objects.filter(pk=bare.pk).update(
            consent=other.consent if consent == "attached" else reading.consent(alice)
        )
    if consent == "attached":
        bare.attachments.create(consent=other.consent)
    controls = Controls(page(client, "consent", bare.pk))
    owners = {owner for owner, name in controls.fields if name in ("group", "consent", "stated", "capacity", "uses")}
    assert owners == {"step"}
    pressed = {value for owner, value in controls.buttons if owner == "step"}
    assert pressed >= {"audience", "hand_over", "record"}
    assert {owner for owner, _value in controls.buttons} == {"step"}
    assert pressed <= set(BUTTONS)
    assert controls.buttons[0] == ("step", "record")  # the Enter key


@pytest.mark.parametrize("button", BUTTONS)
def test_the_audience_on_the_screen_is_the_case_s(client: Client, bare: Case, group: Group, button: str) -> None:
    press(client, bare, button, group=str(group.pk), stated="1")
    assert now(bare).group == group
    press(client, bare, button, group="", stated="1")
    assert now(bare).group is None


@pytest.mark.parametrize("button", BUTTONS)
def test_an_audience_that_is_none_stops_every_button(client: Client, bare: Case, button: str) -> None:
    foreign = Group.objects.create(name="Foreign")
    assert press(client, bare, button, group=str(foreign.pk)).status_code == 422
    assert (now(bare).group, now(bare).consent, Consent.objects.count()) == (None, None, 0)


TYPED = {
    "capacity": "lacks",
    "relation": "representative",
    "authority": "court-appointed guardian",
    "interpreter": "on",
    "witnessed": "on",
    "expires_on": "2999-01-31",
    "until_event": "case_closed",
    "publication": "Atlas of itch",
    "shown": "not_shown",
}


def test_what_was_typed_is_prepared_for_the_hand_over(client: Client, bare: Case, group: Group) -> None:
    """The attack: everything is set on the consent step, and the hand-over is prepared without saving."""
    answer = press(client, bare, "hand_over", group=str(group.pk), **TYPED)
    there = reverse("consults:hand_over_start", args=[bare.pk])
    assert answer["Location"] == there
    shown = client.get(there).content.decode()
    assert "Ward round" in shown
    for value in ("court-appointed guardian", "Atlas of itch", "2999-01-31"):
        assert f'value="{value}"' in shown
    assert ticked(shown) == {("capacity", "lacks"), ("shown", "not_shown"), ("interpreter", ""), ("witnessed", "")}
    assert '<option value="representative" selected>' in shown
    assert '<option value="case_closed" selected>' in shown
    handing.start(client, bare, **{key: value for key, value in TYPED.items() if key != "shown"} | {"shown": "shown"})
    patient = client.get(reverse("consults:hand_over")).content.decode()
    assert "Ward round" in patient
    assert "31 January 2999" in patient
    handing.answer(client, uses=["named_group"])
    consent = now(bare).consent
    assert consent is not None
    assert list(consent.uses.values_list("use", "scope")) == [("named_group", group.pk)]
    assert (consent.capacity, consent.interpreter, str(consent.expires_on)) == ("lacks", True, "2999-01-31")


@pytest.mark.parametrize(
    ("assent", "selected"), [("", ""), ("too_young", "too_young"), ("agreed", "ask"), ("objected", "ask")]
)
def test_a_child_answers_for_itself(client: Client, bare: Case, assent: str, selected: str) -> None:
    press(client, bare, "hand_over", capacity="child", assent=assent, shown="")
    shown = client.get(reverse("consults:hand_over_start", args=[bare.pk])).content.decode()
    assert f'<option value="{selected}" selected>' in shown
    assert ("shown", "shown") in ticked(shown)  # as nothing was said


@pytest.mark.parametrize("button", ["audience", "existing", "detach", "exempt"])
def test_other_buttons_lose_nothing_that_was_typed(client: Client, bare: Case, button: str) -> None:
    press(client, bare, button, **TYPED, uses=["all_members", "lectures"])
    shown = page(client, "consent", bare.pk)
    assert 'value="court-appointed guardian"' in shown
    assert {("uses", "all_members"), ("uses", "lectures"), ("shown", "not_shown")} <= ticked(shown)
    assert journey.SIGNATURE not in shown  # signed for another page
    other = reading.case(bare.author, state=CaseState.DRAFT, consent=None)
    assert 'value="court-appointed guardian"' not in page(client, "consent", other.pk)


def test_the_chosen_consent_stays_chosen(client: Client, bare: Case, alice: Member) -> None:
    other = making.published(alice).consent
    press(client, bare, "audience", consent=str(other.pk))
    assert f'<option value="{other.pk}" selected>' in page(client, "consent", bare.pk)


@pytest.mark.parametrize("button", ["draft", "record"])
def test_recorded_it_is_typed_no_more(client: Client, bare: Case, button: str) -> None:
    press(client, bare, "audience", authority="court-appointed guardian")
    press(client, bare, button)
    assert "consent_typed" not in client.session
    assert now(bare).consent.status == (Status.DRAFT if button == "draft" else Status.ACTIVE)


def test_a_statement_is_ticked_before_it_is_made(client: Client, bare: Case, settings: Any) -> None:
    settings.HISTOLOGY_EXEMPTION = True
    bare.pictures.update(kind="histology", stain="he")
    press(client, bare, "exempt")
    assert "Tick the statement first" in page(client, "consent", bare.pk)
    press(client, bare, "exempt", stated="1")
    assert now(bare).histology_exempt
    press(client, bare, "exempt")
    assert not now(bare).histology_exempt


def test_an_answer_is_carried_only_as_long_as_a_field_takes(client: Client, bare: Case) -> None:
    press(client, bare, "audience", authority="x" * 5000, uses=["lectures"] * 500)
    answers = client.session["consent_typed"]["answers"]
    assert (len(answers["authority"]), len(answers["uses"])) == (200, 12)
    assert not {"signature", "scan", "clinic_form"} & set(answers)


# --- Between the hand-over and the signature


@pytest.mark.parametrize("there", ["group", "all"])
def test_an_audience_changed_meanwhile_is_not_signed_for(client: Client, bare: Case, group: Group, there: str) -> None:
    Case.objects.filter(pk=bare.pk).update(group=None if there == "group" else group)
    handing.start(client, now(bare))
    assert state.SESSION_KEY in client.session
    Case.objects.filter(pk=bare.pk).update(group=group if there == "group" else None)
    assert handing.answer(client).status_code == 409
    assert (now(bare).consent, Consent.objects.count()) == (None, 0)
