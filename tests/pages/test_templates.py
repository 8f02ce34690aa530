"""What the strict content policy and the scripts rely on, read from the templates themselves."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template import TemplateSyntaxError

from config.tags import icon, icons
from core.script_words import words_by_script
from tests.packages import PACKAGES

TEMPLATES = sorted(Path(settings.BASE_DIR, "templates").rglob("*.html"))
LINE_CHARACTERS = 160
STATIC = Path(settings.BASE_DIR, "static")
AUTHORING = "consults/authoring"
# The scripts that speak with the words of each group.
SPEAKERS = {
    "upload": [f"{AUTHORING}/upload.js"],
    "studio": [f"{AUTHORING}/studio/{name}.js" for name in ("view", "commands", "list", "result", "saver")],
    "viewer": [f"consults/viewer/{name}.js" for name in ("viewer", "pane")],
    "pins": ["consults/viewer/pins.js"],
    "typeahead": ["core/typeahead.js"],
    "signature": ["consults/consenting/signature.js"],
    "autosave": ["core/autosave.js"],
    "copy": ["core/copy.js"],
    "push": ["notifications/push.js"],
    "addressing": ["consults/discussion/addressing.js"],
    "thread": ["consults/discussion/thread.js"],
}


def _numbered(path: Path) -> enumerate[str]:
    return enumerate(path.read_text().splitlines(), start=1)


def _name(path: Path) -> str:
    return str(path.relative_to(settings.BASE_DIR / "templates"))


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_nothing_inline_that_the_policy_forbids(path: Path) -> None:
    if path.parts[-2] == "mail":
        pytest.skip("a mail is not under the content policy")
    text = path.read_text()
    assert not re.search(r"<[a-z][^>]*\sstyle=", text)
    assert not re.search(r"<[a-z][^>]*\son[a-z]+=", text)
    assert "<style" not in text
    assert "javascript:" not in text
    for attributes in re.findall(r"<script\b([^>]*)>", text):
        assert "src=" in attributes or "json" in attributes
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_static_files_and_icons_are_there(path: Path) -> None:
    text = path.read_text()
    for name in re.findall(r"""{% static ["']([^"']+)["']""", text):
        assert finders.find(name), name
    assert set(re.findall(r"""{% icon ["']([\w-]+)["']""", text)) <= icons()


def test_no_line_is_too_long_to_review() -> None:
    texts = [path for path in Path(settings.BASE_DIR, "templates").rglob("*") if path.is_file()]
    lines = [(_name(path), number) for path in texts for number, line in _numbered(path) if len(line) > LINE_CHARACTERS]
    assert len(texts) > 100
    assert lines == []


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_days_are_written_in_one_way(path: Path) -> None:
    text = path.read_text()
    assert "DATE_FORMAT" not in text  # "Nov. 26, 2026" beside "26 November 2026"
    assert not re.search(r"\|date(?!:)\b", text)


@pytest.mark.parametrize("script", SPEAKERS)
def test_scripts_say_only_words_that_are_known(script: str) -> None:
    said: set[str] = set()
    for name in SPEAKERS[script]:
        said |= set(re.findall(r"""\b(?:say|done|refused)\(\s*"(\w+)\"""", (STATIC / name).read_text()))
    assert said
    assert said <= set(words_by_script()[script])


# --- Nothing lies about unused

SOURCES = "\n".join(
    path.read_text()
    for folder in (*PACKAGES, "templates", "static")
    for path in Path(settings.BASE_DIR, folder).rglob("*")
    if path.suffix in (".py", ".html", ".js", ".css")
)
# Django and allauth look for these by name; the others' names are put together from a word.
FOUND_BY_NAME = (
    r"(\d{3}(_csrf)?|account/.*|allauth/.*|notifications/mail/.*"
    r"|compliance/audit/summary|consults/browse/(_more|_results|cases|saved))\.html"
)


@pytest.mark.parametrize("name", [_name(path) for path in TEMPLATES if not re.fullmatch(FOUND_BY_NAME, _name(path))])
def test_every_template_is_used(name: str) -> None:
    assert f'"{name}"' in SOURCES or f'"{name.rpartition("/")[2]}"' in SOURCES


@pytest.mark.parametrize("name", sorted(icons()))
def test_every_icon_is_used(name: str) -> None:
    assert re.search(rf"""["'#]{name}["']""", SOURCES)


def test_an_icon_is_drawn_from_the_sprite_and_hidden_from_screen_readers() -> None:
    drawn = icon("alert", "icon-lg")
    assert 'class="icon icon-lg" aria-hidden="true" focusable="false"' in drawn
    assert re.search(r'<use href="/static/img/icons[\w.]*\.svg#alert"></use>', drawn)
    assert 'class="icon"' in icon("alert")


def test_an_unknown_icon_is_an_error_here_and_in_debug_and_a_warning_where_somebody_works(settings: Any) -> None:
    with pytest.warns(UserWarning, match="no icon 'alarm'"):
        assert "#alarm" in icon("alarm")
    settings.DEBUG = True
    with pytest.raises(TemplateSyntaxError, match="no icon 'alarm'"):
        icon("alarm")


@pytest.mark.parametrize("path", sorted(str(path.relative_to(STATIC)) for path in STATIC.rglob("*.*")))
def test_every_static_file_is_used(path: str) -> None:
    assert re.search(rf"""["'/]{re.escape(Path(path).name)}["']""", SOURCES)
