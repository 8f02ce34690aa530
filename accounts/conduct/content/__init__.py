"""Content of the conduct module: its cases in order, with their texts in every language of the site.

`module.toml` holds what is the same in every language, `<language>.toml` the texts. A key that stands in one and not in
the other raises when the module is loaded, and tests/accounts/conduct/test_content.py loads all of them.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

FOLDER: Final = Path(__file__).parent
DEFAULT_LANGUAGE: Final = "en"
LANGUAGES: Final = ("en", "tr")


class BadContent(Exception):
    """Texts that do not fit the structure; the message says where."""


@dataclass(frozen=True)
class Option:
    """One answer to a case; `why` explains it, whether it is right or not."""

    key: str
    text: str
    why: str
    is_right: bool


@dataclass(frozen=True)
class Source:
    """What a case rests on: who published it, under which title, which part of it, in which year."""

    body: str
    title: str
    year: int
    part: str = ""


@dataclass(frozen=True)
class ConductCase:
    """A case with the guideline that it is about; `picture` describes the drawing in words."""

    key: str
    topic: str
    guide: tuple[str, ...]
    title: str
    story: str
    question: str
    picture: str
    drawing: str
    labels: Mapping[str, str]
    options: tuple[Option, ...]
    sources: tuple[Source, ...]

    @property
    def right(self) -> frozenset[str]:
        """The keys of exactly the options that are right."""
        return frozenset(option.key for option in self.options if option.is_right)

    @property
    def takes_several(self) -> bool:
        """Whether more than one option is right, so that several are ticked."""
        return len(self.right) > 1


@dataclass(frozen=True)
class ConductModule:
    """The module in one language; `cases` by key, in order."""

    version: str
    minutes: int
    language: str
    cases: Mapping[str, ConductCase]

    @property
    def major(self) -> int:
        """The first number of the version: when it rises, everybody is asked anew."""
        return int(self.version.partition(".")[0])


@cache
def load(language: str = DEFAULT_LANGUAGE) -> ConductModule:
    """Return the module in this language, or in English where there is no text in it. Raises BadContent."""
    if language not in LANGUAGES:
        return load(DEFAULT_LANGUAGE)
    structure = _read("module")
    texts = _read(language)["cases"]
    sources = {key: Source(**fields) for key, fields in structure["sources"].items()}
    _require_same({case["key"] for case in structure["cases"]}, set(texts), where=language)
    cases = {case["key"]: _case(case, texts[case["key"]], sources, language) for case in structure["cases"]}
    return ConductModule(structure["version"], structure["minutes"], language, MappingProxyType(cases))


def current_major() -> int:
    """Return the first number of the version that the site asks for."""
    return load().major


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _case(fixed: dict[str, Any], text: dict[str, Any], sources: Mapping[str, Source], language: str) -> ConductCase:
    key, words = fixed["key"], dict(text)
    said = words.pop("options")
    _require_same(set(fixed["options"]), set(said), where=f"{language}, {key}")
    _require_same(set(fixed["right"]) & set(fixed["options"]), set(fixed["right"]), where=f"right answers of {key}")
    return ConductCase(
        key=key,
        guide=tuple(words.pop("guide")),
        labels=MappingProxyType(words.pop("labels")),
        drawing=fixed["drawing"],
        options=tuple(Option(name, **said[name], is_right=name in fixed["right"]) for name in fixed["options"]),
        sources=tuple(sources[name] for name in fixed["sources"]),
        **words,
    )


def _require_same(wanted: set[str], found: set[str], *, where: str) -> None:
    if wanted != found:
        raise BadContent(f"{where}: {', '.join(sorted(wanted ^ found))}")
