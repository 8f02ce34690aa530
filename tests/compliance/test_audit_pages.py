"""The pages of the consent audit: table, filter, figures, log."""

import json
import re
import uuid
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from audit import triggers
from audit.models import Event
from audit.strands import head_of
from audit.tasks import publish_head
from compliance.audit import charts
from compliance.audit.forms import FilterForm, describe_filter, to_query
from compliance.audit.query import Filter
from consent.models import Assent, Capacity, Consent, Relation, Use, WithdrawnBy
from consent.withdrawal import withdraw
from consults.models import Case, Group, Membership
from tests import factories
from tests.compliance.auditing import EXPORT, LOG, NAME, PAGE, SUMMARY
from tests.consent import making

pytestmark = pytest.mark.django_db


def test_the_page_shows_the_table_and_no_names_or_words(signed_in):
    author = factories.member(name=f"{NAME} Author", email="zebracanary@hospital.example")
    made = making.published(author, title=f"{NAME} title", note=f"{NAME} note", caption=f"{NAME} caption")
    html = signed_in.get(PAGE).content.decode()
    assert str(made.case.pk) in html
    assert made.consent.form.sha256 in html
    assert NAME.lower() not in html.lower()
    assert "<img" not in html.partition("<main")[2]
    assert not re.search(r"\sstyle=|\son[a-z]+=", html.partition("<main")[2].partition("</main>")[0])


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, {"new", "old", "withdrawn"}),
        ({"since": "-2"}, {"new", "withdrawn"}),
        ({"until": "-2"}, {"old"}),
        ({"state": "withdrawn"}, {"withdrawn"}),
        ({"state": "active"}, {"new"}),
        ({"state": "expired"}, {"old"}),
        ({"state": "education_model"}, set()),
        ({"exceptions": "on"}, {"old"}),
        ({"state": "active", "exceptions": "on"}, set()),
    ],
)
def test_the_filter(signed_in, run_jobs, asked, expected):
    posts = {"new": making.published(), "old": making.published(days_ago=9), "withdrawn": making.published()}
    Consent.objects.filter(pk=posts["old"].consent.pk).update(expires_on=timezone.now().date() - timedelta(days=1))
    withdraw(consent_id=posts["withdrawn"].consent.pk, by=WithdrawnBy.PATIENT)
    run_jobs()
    today = timezone.now().date()
    asked = {
        name: str(today + timedelta(days=int(value))) if name in ("since", "until") else value
        for name, value in asked.items()
    }
    html = signed_in.get(PAGE, asked).content.decode()
    assert {name for name, made in posts.items() if str(made.case.pk) in html} == expected


@pytest.mark.parametrize(
    "asked",
    [
        {"since": "yesterday"},
        {"since": "2026-02-01", "until": "2026-01-01"},
        {"state": "nothing"},
        {"since": "0000-00-00"},
        {"form": "7"},
        {"route": "sedated"},
        {"group": "7"},
        {"expiring": "31"},
        {"gate": "ajar"},
        {"text": "abc"},
        {"text": "' OR 1=1"},
        {"text": "a" * 63},
        {"form": "00000000-0000-4000-8000-000000000000"},
    ],
)
@pytest.mark.parametrize("address", [PAGE, SUMMARY, EXPORT])
def test_a_filter_that_makes_no_sense_is_explained(signed_in, asked, address):
    response = signed_in.get(address, asked)
    assert response.status_code == 422
    assert "has-errors" in response.content.decode()


@pytest.fixture
def four_posts(run_jobs):
    """A plain one; a child's in a group; one whose consent ends in 20 days; one hidden since its consent ran out."""
    group = Group.objects.create(name="Ward")
    Membership.objects.create(group=group, member=factories.person("alice"))
    child = {
        "capacity": Capacity.CHILD,
        "relation": Relation.GUARDIAN,
        "authority": "mother",
        "majority_year": timezone.now().year + 5,
        "assent": Assent.AGREED,
        "uses": (Use.NAMED_GROUP,),
        "group": group.pk,
    }
    soon = {"expires_on": timezone.now().date() + timedelta(days=20)}
    posts = {
        "plain": making.published(),
        "child": making.published(consent_fields=child, group=group, age_band="6-12"),
        "soon": making.published(consent_fields=soon),
        "over": making.published(),
    }
    Consent.objects.filter(pk=posts["over"].consent.pk).update(expires_on=timezone.now().date() - timedelta(days=1))
    return posts


ASKED: list[tuple[str, Callable[[dict[str, making.Published]], object], set[str]]] = [
    ("route", lambda posts: "child", {"child"}),
    ("route", lambda posts: "capable", {"plain", "soon", "over"}),
    ("group", lambda posts: posts["child"].case.group_id, {"child"}),
    ("expiring", lambda posts: 30, {"soon"}),
    ("expiring", lambda posts: 90, {"soon"}),
    ("gate", lambda posts: "visible", {"plain", "child", "soon"}),
    ("gate", lambda posts: "not_visible", {"over"}),
    ("text", lambda posts: str(posts["soon"].case.pk), {"soon"}),
    ("text", lambda posts: str(posts["soon"].case.pk)[:8].upper(), {"soon"}),
    ("text", lambda posts: str(posts["soon"].case.pk)[:16], {"soon"}),
    ("text", lambda posts: posts["plain"].consent.pk.hex, {"plain"}),
    ("text", lambda posts: posts["plain"].case.author_id, {"plain", "child", "soon", "over"}),
    ("text", lambda posts: posts["child"].case.group_id, {"child"}),
    ("text", lambda posts: posts["over"].case.releases.first().sha256, {"over"}),
    ("text", lambda posts: posts["over"].consent.form.sha256, {"plain", "child", "soon", "over"}),
    ("text", lambda posts: "0" * 64, set()),
]


@pytest.mark.parametrize(("name", "value", "expected"), ASKED)
def test_more_of_the_filter(signed_in, four_posts, name, value, expected):
    response = signed_in.get(PAGE, {name: str(value(four_posts))})
    found = {item["row"].case_id for item in response.context["rows"]}
    assert {name for name, made in four_posts.items() if made.case.pk in found} == expected


def test_a_filter_comes_back_from_its_facts_and_from_its_address(four_posts):
    form_id = four_posts["plain"].consent.form_id
    wanted = Filter(
        since=date(2026, 1, 1),
        until=date(2026, 12, 31),
        state="active",
        route="child",
        form=form_id,
        group=four_posts["child"].case.group_id,
        expiring=30,
        gate="visible",
        text="0123abcd",
        exceptions_only=True,
    )
    assert Filter.from_facts(json.loads(json.dumps(wanted.facts()))) == wanted
    assert Filter.from_facts({}) == Filter()
    form = FilterForm(to_query(wanted))
    assert form.is_valid()
    assert form.to_filter() == wanted
    assert set(wanted.facts()) - {"exceptions_only"} | {"exceptions"} == set(form.fields)
    said = dict(describe_filter(wanted))
    assert said["How it was decided"] == "Child: a guardian decides, the child agrees"
    assert (said["Group"], said["Ends soon"], said["Gate today"]) == ("Ward", "within 30 days", "visible")
    assert describe_filter(Filter()) == []


@pytest.mark.parametrize("asked", [{"since": "0001-01-01", "until": "9999-12-31"}, {"form": "this"}])
def test_a_wide_filter_and_a_form(signed_in, asked):
    made = making.published()
    other = making.published(consent_fields={"form": making.form(code="other", title="Other")})
    asked = {name: str(made.consent.form_id) if value == "this" else value for name, value in asked.items()}
    html = signed_in.get(PAGE, asked).content.decode()
    assert (str(made.case.pk) in html, str(other.case.pk) in html) == (True, "form" not in asked)


def test_a_summary_of_too_much_says_so(signed_in, monkeypatch):
    monkeypatch.setattr("compliance.audit.views.MOST_ATTESTED", 0)
    making.published()
    assert "Choose a shorter period" in signed_in.get(SUMMARY).content.decode()


def test_a_long_search_for_exceptions_is_cut_and_goes_on(signed_in, monkeypatch):
    monkeypatch.setattr("compliance.audit.views.MOST_SCANNED", 1)
    making.published()
    response = signed_in.get(PAGE, {"exceptions": "on"})
    assert "Nothing needs a look among the posts of this page" in response.content.decode()
    assert response.context["next_href"]


@pytest.mark.parametrize(("seconds", "expected"), [(0.2, "1 s"), (3.4, "3 s"), (600, "10 min"), (3 * 3600, "3 h")])
def test_spans_are_said_in_plain_words(seconds, expected):
    assert charts.format_seconds(seconds) == expected


def test_latencies_are_counted_once_each():
    spans = charts._count_spans([0.0, 10.0, 10.1, 59, 300, 301, 900, 901, 5000])
    assert [share.count for share in spans] == [2, 2, 1, 2, 2]
    assert [share.label for share in spans] == ["up to 10 s", "up to 60 s", "up to 5 min", "up to 15 min", "longer"]
    assert {share.of for share in spans} == {9}


@pytest.mark.parametrize(
    "after",
    [
        "",
        "x",
        "~",
        "2026-01-01~x",
        f"0001-01-01T00:00:00+14:00~{uuid.UUID(int=0)}",
        "2026-01-01T00:00:00~" + "0" * 32,
        "\x00",
    ],
)
def test_a_broken_place_is_the_first_page(signed_in, after):
    made = making.published()
    assert str(made.case.pk) in signed_in.get(PAGE, {"after": after}).content.decode()


@pytest.mark.parametrize("asked", [{}, {"exceptions": "on"}])
def test_paging_shows_every_post_once(signed_in, monkeypatch, asked):
    monkeypatch.setattr("compliance.audit.views.PAGE_ROWS", 2)
    posts = [making.published(consent_fields={"interpreter": True}) for _number in range(5)]
    Case.objects.update(released_at=timezone.now())  # the same moment: the id decides
    seen: list[str] = []
    response = signed_in.get(PAGE, asked)
    for _page in range(5):
        seen += [str(item["row"].case_id) for item in response.context["rows"]]
        if not response.context["next_href"]:
            break
        response = signed_in.get(PAGE + response.context["next_href"])
    assert sorted(seen) == sorted(str(made.case.pk) for made in posts)


def test_the_attestation(signed_in, run_jobs):
    factories.person("bob")
    making.published()
    uncovered, gone = making.published(), making.published()
    Consent.objects.filter(pk=uncovered.consent.pk).update(expires_on=timezone.now().date() - timedelta(days=1))
    withdraw(consent_id=gone.consent.pk, by=WithdrawnBy.PATIENT)
    run_jobs()
    html = " ".join(signed_in.get(SUMMARY).content.decode().split())
    assert "One visible post, 1 covered." in html
    assert "1 × Published, but hidden from members today" in html
    assert "Of 3 posts, 1 of them withdrawn." in html


def test_the_log_is_checked_on_the_spot(signed_in):
    making.published()
    html = signed_in.post(LOG).content.decode()
    assert "Whole and unchanged" in html
    assert head_of(0).digest in html


@pytest.mark.django_db(transaction=True)
def test_a_log_that_was_cut_off_or_a_forged_head_is_said_on_the_spot(signed_in, settings):
    publish_head()
    assert "One head published earlier fits" in signed_in.post(LOG).content.decode()
    seq = Event.objects.count()
    settings.LOG_HEADS_FILE.write_text(settings.LOG_HEADS_FILE.read_text().replace(f'"seq":{seq}', f'"seq":{seq + 7}'))
    assert "not everything in it is signed" in signed_in.post(LOG).content.decode()
    settings.LOG_HEADS_FILE.unlink()
    making.published()
    publish_head()
    triggers.drop(connection)
    Event.objects.filter(seq=Event.objects.count()).delete()
    triggers.create(connection)
    assert "the log was cut off before event" in signed_in.post(LOG).content.decode()


def test_empty_pages_name_the_next_step(signed_in):
    assert "Nothing is published yet" in signed_in.get(PAGE).content.decode()
    assert "No post matches" in signed_in.get(PAGE, {"state": "withdrawn"}).content.decode()
