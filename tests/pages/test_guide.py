"""The guides: who may read which, in which language, and whether they still say what the site does and calls things."""

import re
from html.parser import HTMLParser
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.test import Client
from django.urls import Resolver404, resolve, reverse

from accounts.membership.lifecycle import SuspensionReason, suspend
from accounts.vetting.decisions import VOTES_A_DAY
from config import guide
from consent import attempt_limits
from consent.forms.readability import assess_readability
from consent.records import codes
from consent.withdrawal.views import NOTE_SECONDS
from consults.cases.authoring.case_pictures import MAX_PICTURES
from consults.cases.review import annotations
from consults.discussion.consensus import STRONG_FROM_ANSWERS, STRONG_FROM_SHARE
from tests import factories

FILES = sorted(path.name for path in guide.FOLDER.glob("*.md"))
RULES = settings.RULES
SIGNED_IN = ("alice", "student", "mod1", "officer", "admin", "applicant", "lapsed")


class Links(HTMLParser):
    """The addresses and elements of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.hrefs: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _value in attrs}
        self.hrefs += [value or "" for name, value in attrs if name == "href"]


def shown(file: str) -> Links:
    """What the site makes of a file."""
    name, _dot, language = file.removesuffix(".md").partition(".")
    links = Links()
    links.feed(guide.read(name, language=language or guide.WRITTEN_IN).html)
    return links


def words_of(file: str) -> str:
    """The text of a guide on one line."""
    return " ".join((guide.FOLDER / file).read_text(encoding="utf-8").split())


# --- Who may read which


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        *((who, path, 200) for path in ("/guide/", "/guide/patient/") for who in (None, *SIGNED_IN)),
        *((who, f"/guide/{role}/", 200) for role in guide.ROLES for who in SIGNED_IN),
        *((None, f"/guide/{role}/", 302) for role in guide.ROLES if role != guide.PATIENT),
        ("alice", "/guide/gardener/", 404),
        ("alice", "/guide/README/", 404),
        (None, "/guide/gardener/", 302),
    ],
)
def test_who_may_read_which(who: str | None, path: str, status: int, client: Client) -> None:
    if who:
        client.force_login(factories.person(who))
    answer = client.get(path)
    assert answer.status_code == status
    assert (status == 200) == ('class="prose guide"' in answer.content.decode())


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/guide/", "/guide/patient/", "/guide/clinician/"])
def test_the_suspended_read_nothing(path: str, client: Client) -> None:
    member = factories.person("bob")
    client.force_login(member)
    suspend(member=member, by=factories.person("admin"), reason=SuspensionReason.CONDUCT)
    client.force_login(member)
    assert client.get(path).status_code == 403


# --- Where they are linked


@pytest.mark.parametrize("index", ["README.md", "README.tr.md"])
def test_every_guide_stands_in_the_list(index: str) -> None:
    assert set(shown(index).hrefs) == {reverse("guide", args=[role]) for role in guide.ROLES}


def test_every_file_is_a_guide() -> None:
    languages = [code for code, _name in settings.LANGUAGES]
    names = {f"{name}.md" for name in (guide.INDEX, *guide.ROLES)}
    translated = {f"{name}.{language}.md" for name in (guide.INDEX, *guide.ROLES) for language in languages}
    assert names <= set(FILES)
    assert set(FILES) <= names | translated


@pytest.mark.parametrize("file", FILES)
def test_every_link_in_a_guide_leads_somewhere(file: str) -> None:
    dead = []
    for href in shown(file).hrefs:
        try:
            match = resolve(href)
        except Resolver404:
            dead.append(href)
        else:
            dead += [] if match.kwargs.get("role", guide.PATIENT) in guide.ROLES else [href]
    assert dead == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "role"),
    [
        ("alice", "clinician"),
        ("student", "clinician"),
        ("applicant", "clinician"),
        ("mod1", "moderator"),
        ("officer", "privacy-officer"),
        ("admin", "administrator"),
    ],
)
def test_everybody_finds_the_guide_to_their_own_work(who: str, role: str, client: Client) -> None:
    client.force_login(factories.person(who))
    menu = client.get("/me/").content.decode()
    assert f'class="menu-item" href="/guide/{role}/"' in menu


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "path", "role"),
    [
        ("alice", "/cases/mine/", "clinician"),
        ("mod1", "/second-reads/", "moderator"),
        ("mod1", "/applications/", "moderator"),
        ("officer", "/consent-audit/", "privacy-officer"),
    ],
)
def test_an_empty_page_leads_to_the_guide(who: str, path: str, role: str, client: Client) -> None:
    client.force_login(factories.person(who))
    empty = client.get(path).content.decode().partition('<div class="empty">')[2]
    assert f'href="/guide/{role}/"' in empty.partition("</main>")[0]


@pytest.mark.django_db
def test_the_foot_of_a_public_page_leads_to_the_list(client: Client) -> None:
    assert 'href="/guide/"' in client.get("/withdraw/").content.decode().partition("<footer")[2]


# --- In which language


@pytest.mark.django_db
def test_a_guide_in_the_readers_language(client: Client) -> None:
    page = client.get("/guide/patient/", headers={"accept-language": "tr"}).content.decode()
    assert 'class="prose guide" lang="tr"' in page
    assert "Hastalar için kılavuz" in page


@pytest.mark.django_db
def test_a_guide_without_a_translation_says_so(client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "patient.md").write_text("# Only English\n\nWords.\n")
    monkeypatch.setattr(guide, "FOLDER", tmp_path)
    turkish = client.get("/guide/patient/", headers={"accept-language": "tr"}).content.decode()
    english = client.get("/guide/patient/", headers={"accept-language": "en"}).content.decode()
    assert "<title>Only English" in turkish
    assert 'class="prose guide" lang="en"' in turkish
    assert "Bu kılavuz yalnızca İngilizcedir." in turkish
    assert "written in English only" not in english


# --- What becomes of a file


def test_html_in_a_guide_is_shown_as_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "patient.md").write_text("# A\n\n<script>x</script> <b>y</b>\n\n[z](javascript:alert)\n")
    monkeypatch.setattr(guide, "FOLDER", tmp_path)
    html = guide.read("patient", language="en").html
    assert "&lt;script&gt;" in html
    assert "<b>" not in html
    assert "href" not in html


@pytest.mark.parametrize("file", FILES)
def test_nothing_that_the_content_policy_forbids(file: str) -> None:
    found = shown(file)
    assert not found.tags & {"script", "style", "img", "iframe"}
    assert not found.attributes & {"style", "onclick"}


# --- Whether they still tell the truth


CATALOGUE = polib.pofile(str(Path(settings.BASE_DIR) / "locale" / "tr" / "LC_MESSAGES" / "django.po"))


def plain(words: str) -> str:
    """Without line ends, capitals and the point of a sentence that ends with them."""
    return " ".join(words.split()).rstrip(".:").casefold()


ENGLISH = {plain(words) for entry in CATALOGUE for words in (entry.msgid, entry.msgid_plural)}
TURKISH = {plain(words) for entry in CATALOGUE for words in (entry.msgstr, *entry.msgstr_plural.values())}


@pytest.mark.parametrize("file", FILES)
def test_words_in_bold_stand_on_the_pages(file: str) -> None:
    on_pages = TURKISH if file.endswith(".tr.md") else ENGLISH
    bold = re.findall(r"\*\*(.+?)\*\*", (guide.FOLDER / file).read_text(encoding="utf-8"), re.DOTALL)
    assert [words for words in bold if plain(words) not in on_pages] == []


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("clinician.md", f"up to {MAX_PICTURES} in a case"),
        ("clinician.md", f"up to {settings.UPLOAD_MAX_BYTES // 1024**2} MB each"),
        ("clinician.md", f"destroyed after {RULES['upload_hours']} hours"),
        ("clinician.md", f"You have {RULES['original_hours']} hours"),
        ("clinician.md", f"shown from {RULES['consensus_from']} answers on"),
        ("clinician.md", f"needs {STRONG_FROM_ANSWERS} answers"),
        ("clinician.md", f"{round(100 * STRONG_FROM_SHARE)} % for one"),
        ("clinician.md", f"{RULES['views_an_hour']} pictures an hour"),
        ("clinician.md", f"destroyed {RULES['expired_consent_days']} days later"),
        ("patient.md", f"destroyed {RULES['expired_consent_days']} days later"),
        ("patient.md", f"After {attempt_limits.WRONG_CODES.most} wrong codes"),
        ("patient.md", f"up to {attempt_limits.WRONG_CODES.seconds // 60} minutes"),
        ("patient.md", f"The code has {codes.LENGTH} letters"),
        ("patient.tr.md", f"Kodda {codes.LENGTH} harf"),
        ("patient.md", f"You have {NOTE_SECONDS // 60} minutes to decide"),
        ("patient.tr.md", f"Karar için {NOTE_SECONDS // 60} dakikanız var"),
        ("moderator.md", f"up to {annotations.MAX_MARKS} in all"),
        ("moderator.md", f"decide {VOTES_A_DAY} applications a day"),
        ("privacy-officer.md", f"within {RULES['purge_minutes']} minutes"),
        ("administrator.md", f"reached {RULES['views_an_hour']} pictures in an hour"),
    ],
)
def test_limits_are_those_of_the_site(file: str, words: str) -> None:
    assert words in words_of(file)


@pytest.mark.parametrize("file", [file for file in FILES if file.count(".") == 2])
def test_a_translation_names_the_same_numbers(file: str) -> None:
    name, _language, _md = file.split(".")
    assert set(re.findall(r"\d+", words_of(file))) == set(re.findall(r"\d+", words_of(f"{name}.md")))


@pytest.mark.parametrize(("file", "language"), [("patient.md", "en"), ("patient.tr.md", "tr")])
def test_the_patients_guide_is_easy_to_read(file: str, language: str) -> None:
    text = re.sub(r"[*#]|^\d+\. ", "", (guide.FOLDER / file).read_text(encoding="utf-8"), flags=re.MULTILINE)
    title, _line, body = text.strip().partition("\n")
    assert assess_readability(title=title, text=body, language=language).easy_enough
