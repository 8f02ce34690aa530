"""What the patient takes home. The PDFs are built without compression, so that their ASCII words can be read."""

import re
from datetime import date

import pytest
from django.test import override_settings
from reportlab import rl_config

from consent.forms.publishing import current_forms
from consent.models import Capacity, Relation, Shown, Use, WithdrawnBy
from consent.pdf import receipt
from consent.records.wording import allowed_in_words
from consent.withdrawal import withdraw
from consults.models import Group
from core import pdf
from tests import factories
from tests.consent import making
from tests.consent.words import words_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _readable(monkeypatch):
    monkeypatch.setattr(rl_config, "pageCompression", 0)


def pages_of(pdf: bytes) -> int:
    """How many pages it has."""
    return len(re.findall(rb"/Type /Page\b", pdf))


def test_a_receipt_holds_the_form_the_uses_and_the_code():
    given, code = making.consent(
        factories.person("alice"),
        uses=(Use.ALL_MEMBERS, Use.LECTURES),
        expires_on=date(2030, 5, 17),
        signed_on=date(2026, 3, 2),
        shown=Shown.SHOWN,
        shown_pictures=("c" * 64, "d" * 64),
        masking_method="A solid bar over the eyes",
    )
    pdf = receipt.receipt_pdf(consent=given, code=code)
    words = words_of(pdf)
    for expected in (
        code,
        given.form.title,
        *(statement.split(".")[0][:40] for statement in given.form.statements),
        "2 March 2026",
        "17 May 2030",
        given.form.sha256,
        given.document_sha256,
        "c" * 64,
        "d" * 64,
        "A solid bar over the eyes",
        str(given.pk),
    ):
        assert expected in words
    allowed, _heading, refused = words.partition("What you did not allow")
    assert "Discussion among all vetted members" in allowed
    assert "Lectures outside this platform" in allowed
    assert "Research" not in allowed
    assert all(label in refused for label in ("Research", "Training of artificial intelligence", "Advertising"))
    assert "Lectures" not in refused.partition("What was recorded")[0]
    assert 1 <= pages_of(pdf) <= 4


@pytest.mark.parametrize(("signed", "other"), [("en", "tr"), ("tr", "en")])
def test_a_receipt_is_in_both_languages_and_the_signed_one_comes_first(signed, other):
    forms = {form.language: form for form in current_forms()}
    given, code = making.consent(factories.person("alice"), form=forms[signed])
    pdf = receipt.receipt_pdf(consent=given, code=code)
    words = words_of(pdf)
    starts = {"en": "Your clinician would like", "tr": "Bunun i"}
    assert -1 < words.find(starts[signed]) < words.find(starts[other])
    assert words.count(code) == 1
    assert words.count(forms[signed].sha256) == 2  # what was signed, also in the translation
    assert forms[other].sha256 not in words
    assert pages_of(pdf) <= 5


def test_a_receipt_names_the_publication_in_both_languages():
    given, code = making.consent(
        factories.person("alice"), uses=(Use.ALL_MEMBERS, Use.PUBLICATION), publication="Atlas of itch"
    )
    allowed, *refused = words_of(receipt.receipt_pdf(consent=given, code=code)).split("What you did not allow")
    assert "Atlas of itch" in allowed
    assert "".join(refused).count("Atlas of itch") == 1  # the translation


def test_a_receipt_names_the_group():
    ward = Group.objects.create(name="Bullous diseases")
    given, code = making.consent(factories.person("alice"), uses=(Use.NAMED_GROUP,), group=ward.pk)
    assert "Bullous diseases" in words_of(receipt.receipt_pdf(consent=given, code=code))
    Group.objects.all().delete()
    assert allowed_in_words(given) == ["Discussion in one named group"]


def test_a_receipt_names_nobody():
    alice = factories.member(name="Zebracanary Doctor")
    given, code = making.consent(
        alice, capacity=Capacity.LACKS, relation=Relation.REPRESENTATIVE, authority="Zebracanary, sister"
    )
    assert "Zebracanary" not in words_of(receipt.receipt_pdf(consent=given, code=code))


@override_settings(SITE_ADDRESS="https://rete.example/")
def test_the_square_code_leads_to_the_page_with_the_code_in_the_fragment():
    assert (
        receipt.withdrawal_address("7K3M-9TQA-02XC-VB5N-4HJW-Z8PD-6RYE")
        == "https://rete.example/withdraw/#7K3M-9TQA-02XC-VB5N-4HJW-Z8PD-6RYE"
    )
    given, code = making.consent(factories.person("alice"))
    words = words_of(receipt.receipt_pdf(consent=given, code=code))
    assert "https://rete.example/withdraw/" in words
    assert f"/withdraw/#{code}" not in words


def test_a_long_form_and_odd_characters_fit():
    form = making.form(
        code="long",
        title="İzin <b>&amp; şğüöçı",
        text="\n\n".join(["Kelime & <i>şğ</i> " * 60] * 20 + ["- Çıkış <hakkı> " * 30] * 8),
        language="tr",
    )
    given, code = making.consent(factories.person("alice"), form=form, masking_method="Göz bandı <&>")
    assert pages_of(receipt.receipt_pdf(consent=given, code=code)) >= 3


def test_the_fonts_have_every_letter():
    from reportlab.pdfbase import pdfmetrics

    pdf.register_fonts()
    known = pdfmetrics.getFont(pdf.TEXT).face.charToGlyph
    assert not [letter for letter in "çğıöşüÇĞİÖŞÜâîû“”‘’–—…•" if ord(letter) not in known]


def test_a_certificate_before_and_after_the_work(run_jobs):
    published = making.published(
        pictures=2, comments=("one",), consent_fields={"uses": (Use.ALL_MEMBERS, Use.RESEARCH)}
    )
    made = withdraw(consent_id=published.consent.pk, by=WithdrawnBy.PATIENT)
    before = words_of(receipt.certificate_pdf(withdrawal=made))
    assert "still being destroyed" in before
    assert "not yet" in before
    assert "What was destroyed" not in before
    run_jobs()
    made.refresh_from_db()
    after = words_of(receipt.certificate_pdf(withdrawal=made))
    for expected in ("1 case", "2 pictures", "1 comment", "What cannot be recalled", "Research", str(made.pk)):
        assert expected in after
    assert "not yet" not in after
    assert published.case.title not in after
