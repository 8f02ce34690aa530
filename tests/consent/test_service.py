"""When a consent is recorded and when it is not, and what the database itself refuses."""

import base64
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from audit.models import Event
from consent.forms.publishing import current_forms
from consent.models import (
    Assent,
    Capacity,
    Consent,
    ConsentUse,
    Form,
    Relation,
    Shown,
    ShownPicture,
    Signature,
    Status,
    Use,
    WithdrawnBy,
)
from consent.records import codes
from consent.records.lookup import allows, covering, find_by_code
from consent.records.statement import NotRecorded, decode_signature
from consent.withdrawal import destroy_document, withdraw
from consults.models import Group
from core import storage
from core.crypto import vault
from tests import factories
from tests.consent import making

pytestmark = pytest.mark.django_db


def days(away: int) -> Callable[[], date]:
    """A day from the one on which the row is tried, not from the one on which the table was read."""
    return lambda: timezone.now().date() + timedelta(days=away)


CHILD = {
    "capacity": Capacity.CHILD,
    "relation": Relation.GUARDIAN,
    "authority": "mother",
    "majority_year": timezone.now().year + 3,
}
CLINIC = {"signature": Signature.CLINIC_HELD, "signature_png": b"", "attested": True, "clinic_form_sha256": "a" * 64}


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, set()),
        ({"capacity": Capacity.SUPPORTED}, set()),
        (CHILD | {"assent": Assent.AGREED}, set()),
        (CHILD | {"assent": Assent.TOO_YOUNG}, set()),
        (CHILD, {"assent"}),
        (CHILD | {"assent": Assent.AGREED, "majority_year": None}, {"majority_year"}),
        (CHILD | {"assent": Assent.OBJECTED}, {"assent"}),
        (CHILD | {"assent": Assent.AGREED, "relation": Relation.SELF}, {"relation"}),
        (CHILD | {"assent": Assent.AGREED, "authority": "  "}, {"authority"}),
        ({"capacity": Capacity.LACKS}, {"relation"}),
        ({"capacity": Capacity.LACKS, "relation": Relation.REPRESENTATIVE, "authority": "court"}, set()),
        ({"capacity": Capacity.DECEASED, "relation": Relation.NEXT_OF_KIN, "authority": "son"}, set()),
        ({"capacity": Capacity.FLUCTUATING}, {"capacity"}),
        ({"capacity": Capacity.SEDATED}, {"capacity"}),
        ({"uses": frozenset()}, {"uses"}),
        ({"uses": frozenset({(Use.LECTURES, None)})}, {"uses"}),
        ({"signed_on": days(1)}, {"signed_on"}),
        ({"expires_on": days(-1)}, {"expires_on"}),
        ({"expires_on": days(0)}, set()),
        ({"shown": Shown.SHOWN}, {"shown"}),
        ({"shown": Shown.SHOWN, "shown_pictures": ("a" * 64,)}, set()),
        ({"copy_given": False}, {"copy_given"}),
        ({"signature_png": b""}, {"signature"}),
        (CLINIC, set()),
        (CLINIC | {"attested": False}, {"attested"}),
        (CLINIC | {"clinic_form_sha256": "a" * 63}, {"clinic_form"}),
        (CLINIC | {"clinic_form_sha256": "A" * 64}, {"clinic_form"}),
    ],
)
def test_what_can_be_recorded(fields, wrong):
    """Every refusal names its field and leaves no row, no document and no line in the log."""
    fields = {name: value() if callable(value) else value for name, value in fields.items()}
    if "uses" in fields:
        fields["uses"] = tuple(use for use, _scope in fields["uses"])
    refused: dict[str, str] = {}
    try:
        making.consent(factories.person("alice"), **fields)
    except NotRecorded as error:
        refused = error.sentences
    kept = (Consent.objects.count(), Event.objects.count(), Consent.objects.filter(status=Status.ACTIVE).count())
    assert set(refused) == wrong
    assert kept == ((0, 0, 0) if wrong else (1, 1, 1))
    assert len(storage.documents().listdir("")[1]) <= kept[0]


def test_a_retired_form_is_not_used_again():
    retired = making.form(code="old", title="Old", retired_at=timezone.now())
    with pytest.raises(NotRecorded) as refused:
        making.consent(factories.person("alice"), form=retired)
    assert set(refused.value.sentences) == {"form"}
    assert retired not in current_forms()
    assert not current_forms(language="tr").filter(language="en").exists()


@pytest.mark.parametrize(
    ("url", "right"),
    [
        ("data:image/png;base64," + base64.b64encode(making.PNG).decode(), True),
        ("data:image/jpeg;base64," + base64.b64encode(making.PNG).decode(), False),
        ("data:image/png;base64," + base64.b64encode(b"GIF89a").decode(), False),
        ("data:image/png;base64,***", False),
        ("data:image/png;base64," + base64.b64encode(making.PNG + bytes(600_000)).decode(), False),
    ],
)
def test_a_drawn_signature_is_a_small_png(url, right):
    read, refused = b"", {}
    try:
        read = decode_signature(url)
    except NotRecorded as error:
        refused = error.sentences
    assert (read == making.PNG, set(refused)) == (right, set() if right else {"signature"})


def test_no_signature_is_no_signature():
    assert decode_signature("") == b""


def test_the_signed_form_lies_sealed_and_goes_with_its_key():
    given, _code = making.consent(factories.person("alice"))
    names = storage.documents().listdir("")[1]
    assert names == [given.document_name]
    with storage.documents().open(names[0]) as file:
        assert making.PNG not in file.read()
    destroy_document(consent=given)
    given.refresh_from_db()
    destroy_document(consent=given)
    assert storage.documents().listdir("")[1] == []
    assert not vault.has_key(given.pk)


@pytest.mark.parametrize(
    ("use", "everybody", "own_group", "other_group"),
    [(Use.ALL_MEMBERS, True, True, True), (Use.NAMED_GROUP, False, True, False)],
)
def test_which_audience_a_consent_covers(use, everybody, own_group, other_group):
    own, other = (Group.objects.create(name=name) for name in ("own", "other"))
    given, _code = making.consent(factories.person("alice"), uses=(use,), group=own.pk)
    found = [covering(group_id=group).filter(pk=given.pk).exists() for group in (None, own.pk, other.pk)]
    assert found == [everybody, own_group, other_group]
    assert (allows(consent=given, use=use), allows(consent=given, use=Use.RESEARCH)) == (True, False)


def test_a_code_is_kept_only_as_a_hash():
    given, code = making.consent(factories.person("alice"))
    assert find_by_code(code.lower()) == given
    assert find_by_code("") is None
    assert given.code_sha256 == codes.digest(code)
    assert code not in str(list(Consent.objects.values()))
    assert len({codes.new_code() for _number in range(200)}) == 200


def test_a_withdrawal_is_counted_once_and_named_in_the_log():
    given, _code = making.consent(factories.person("alice"))
    first = withdraw(consent_id=given.pk, by=WithdrawnBy.PATIENT)
    assert withdraw(consent_id=given.pk, by=WithdrawnBy.CLINICIAN) == first
    assert Event.objects.filter(verb="consent.withdrawn").count() == 1
    assert first.by == WithdrawnBy.PATIENT


REFUSED_BY_THE_DATABASE = {
    "deferred capacity": {"capacity": Capacity.SEDATED},
    "a child that objects": {"assent": Assent.OBJECTED},
    "a representative without authority": {"capacity": Capacity.LACKS, "relation": Relation.REPRESENTATIVE},
    "no document": {"document_sha256": ""},
    "held by a clinic that did not attest": {"signature": Signature.CLINIC_HELD, "attested": False},
}


@pytest.mark.parametrize("change", REFUSED_BY_THE_DATABASE)
def test_an_active_consent_the_database_refuses(change):
    given, _code = making.consent(factories.person("alice"))
    row = Consent.objects.filter(pk=given.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.update(**REFUSED_BY_THE_DATABASE[change])
    row.update(status=Status.REFUSED, **REFUSED_BY_THE_DATABASE[change])


@pytest.mark.parametrize(
    ("use", "scoped", "publication", "accepted"),
    [
        (Use.NAMED_GROUP, True, "", True),
        (Use.NAMED_GROUP, False, "", False),
        (Use.RESEARCH, False, "", True),
        (Use.RESEARCH, True, "", False),
        (Use.RESEARCH, False, "A journal", False),
        (Use.PUBLICATION, False, "A journal", True),
        (Use.PUBLICATION, False, "x" * 160, True),
        (Use.PUBLICATION, False, "x" * 161, False),
        (Use.PUBLICATION, False, "", False),
    ],
)
def test_a_use_the_database_refuses(use, scoped, publication, accepted):
    given, _code = making.consent(factories.person("alice"))
    saved = True
    try:
        with transaction.atomic():
            ConsentUse.objects.create(
                consent=given, use=use, scope=making.nobody() if scoped else None, publication=publication
            )
    except (IntegrityError, DataError):
        saved = False
    assert saved is accepted


def test_a_published_form_does_not_change():
    published = making.form(code="fixed", title="Fixed")
    published.retired_at = timezone.now()
    published.save()
    published.text = "Other words."
    with pytest.raises(ValueError, match="new version"):
        published.save()
    assert Form.objects.get(pk=published.pk).text != "Other words."


def test_forms_tell_words_from_statements():
    made = making.form(code="parts", title="Parts", text="One.\n\nTwo.\n\n- First.\n- Second.")
    assert made.paragraphs == ["One.", "Two."]
    assert made.statements == ["First.", "Second."]


def test_no_row_says_more_than_its_id_when_printed():
    given, _code = making.consent(factories.person("alice"), shown=Shown.SHOWN, shown_pictures=("a" * 64,))
    made = withdraw(consent_id=given.pk, by=WithdrawnBy.PATIENT)
    rows = [given, given.form, given.uses.get(), ShownPicture.objects.get(), made]
    printed = [str(row) for row in rows]
    assert str(given.pk) in printed[0]
    assert len(set(printed)) == len(rows)
