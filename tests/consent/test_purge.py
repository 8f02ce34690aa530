"""After a withdrawal nothing is left, wherever the work was interrupted."""

import pytest
from django.db import connections

from audit.verify import verify
from consent.models import Capacity, Relation, Use, Withdrawal, WithdrawnBy
from consent.records.wording import allowed_in_words
from consent.withdrawal import withdraw
from consults.models import Case, Comment
from consults.withdrawal import purge
from core import storage
from core.crypto import vault
from imaging.models import Photo
from tests.consent import making

pytestmark = pytest.mark.django_db

CANARY = "zebracanary"
# Every step of the purge that reaches outside its own lines; each call is one step.
STEPS = (
    "imaging.renditions.pipeline.vault.destroy",
    "consults.withdrawal.redaction.remove_quotations",
    "consults.withdrawal.purge.erase_content",
    "consults.withdrawal.purge.imaging.destroy",
    "consults.withdrawal.purge.record",
    "consults.withdrawal.purge.consent_withdrawal.mark_keys_destroyed",
    "consults.withdrawal.purge.consent_withdrawal.destroy_document",
    "consults.withdrawal.purge.consent_withdrawal.mark_complete",
    "imaging.renditions.pipeline.storage.delete",
    "imaging.renditions.pipeline.record",
    "consent.withdrawal.service.record",
)
MOST_STEPS = 56


class Died(BaseException):
    """The process is gone; not an Exception, so that nothing on the way can catch it."""


def die_before_step(monkeypatch: pytest.MonkeyPatch, number: int) -> list[str]:
    """Let the purge die before its n-th step; the list tells which steps were begun."""
    begun: list[str] = []

    def wrapped(name: str, step):
        def run(*args, **kwargs):
            begun.append(name)
            if len(begun) == number:
                raise Died(name)
            return step(*args, **kwargs)

        return run

    seen = {}
    for path in STEPS:
        module, _dot, name = path.rpartition(".")
        owner = _resolve(module)
        original = getattr(owner, name)
        key = (id(owner), name)
        if key in seen:
            continue
        seen[key] = original
        monkeypatch.setattr(owner, name, wrapped(path, original))
    return begun


def _resolve(path: str) -> object:
    import importlib

    parts = path.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for name in parts[end:]:
            found = getattr(found, name)
        return found
    raise AssertionError(path)


def prepared():
    """Two cases under one consent, with words and bytes to lose."""
    first = making.published(
        consent_fields={
            "capacity": Capacity.LACKS,
            "relation": Relation.REPRESENTATIVE,
            "authority": f"{CANARY} sister",
            "uses": (Use.ALL_MEMBERS, Use.PUBLICATION),
            "publication": f"{CANARY} journal",
        },
        pictures=2,
        caption=f"{CANARY} caption",
        comments=(f"{CANARY} one", "two"),
        note=f"{CANARY} in the note.",
    )
    making.published(under=(first.consent, first.code), title=f"{CANARY} title", comments=(f"{CANARY}",))
    names = storage.renditions().listdir("")[1]
    keys = [first.consent.pk, *Photo.objects.values_list("key_id", flat=True)]
    return first, names, keys


def rows_with(words: str) -> list[str]:
    """Every table and column of both databases that still holds these words."""
    found = []
    for alias in ("default", "keys"):
        connection = connections[alias]
        for table in connection.introspection.table_names():
            with connection.cursor() as cursor:
                cursor.execute(f'SELECT * FROM "{table}"')
                columns = [column[0] for column in cursor.description]
                for row in cursor.fetchall():
                    found += [
                        f"{table}.{name}" for name, value in zip(columns, row, strict=True) if words in str(value)
                    ]
    return found


def assert_all_gone(keys) -> None:
    """No bytes, no keys, no words, and counts that are right."""
    made = Withdrawal.objects.get()
    assert made.completed_at
    assert (made.cases, made.pictures, made.comments) == (2, 3, 3)
    assert storage.renditions().listdir("")[1] == []
    assert storage.documents().listdir("")[1] == []
    assert not any(vault.has_key(key) for key in keys)
    assert not Photo.objects.exists()
    assert not Comment.objects.exists()
    assert rows_with(CANARY) == []
    assert set(Case.objects.values_list("state", "title", "note")) == {("withdrawn", "", "")}
    assert verify().ok


def test_the_canary_is_seen_before(client):
    prepared()
    assert {
        "consent_consent.authority",
        "consent_consentuse.publication",
        "consults_case.note",
        "consults_case.title",
        "consults_casephoto.caption",
        "consults_comment.text",
    } <= set(rows_with(CANARY))


def test_what_was_written_about_the_consent_goes_at_once():
    first, _names, _keys = prepared()
    withdraw(consent_id=first.consent.pk, by=WithdrawnBy.PATIENT)
    assert [place for place in rows_with(CANARY) if place.startswith("consent_")] == []
    assert allowed_in_words(first.again().consent)[1:] == ["One named publication"]


@pytest.mark.parametrize("number", range(1, MOST_STEPS + 1))
def test_a_purge_that_dies_anywhere_is_finished_by_the_next(number):
    first, names, keys = prepared()
    assert len(names) == 9
    withdraw(consent_id=first.consent.pk, by=WithdrawnBy.PATIENT)
    with pytest.MonkeyPatch.context() as patch:
        begun = die_before_step(patch, number)
        try:
            purge.purge(consent_id=first.consent.pk)
        except Died:
            assert Withdrawal.objects.get().completed_at is None or begun[-1].endswith("record")
        else:
            assert len(begun) < number
    purge.purge(consent_id=first.consent.pk)
    assert_all_gone(keys)
    purge.purge(consent_id=first.consent.pk)
    assert_all_gone(keys)


def test_the_steps_are_all_tried():
    """MOST_STEPS reaches beyond the last step, or the table above would prove less than it says."""
    first, _names, _keys = prepared()
    withdraw(consent_id=first.consent.pk, by=WithdrawnBy.PATIENT)
    with pytest.MonkeyPatch.context() as patch:
        begun = die_before_step(patch, 10_000)
        purge.purge(consent_id=first.consent.pk)
    assert MOST_STEPS - 10 < len(begun) < MOST_STEPS, len(begun)


def test_a_live_consent_is_never_purged():
    first, names, _keys = prepared()
    purge.purge(consent_id=first.consent.pk)
    assert storage.renditions().listdir("")[1] == names
    assert "consults_comment.text" in rows_with(CANARY)
