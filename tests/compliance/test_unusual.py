"""What a privacy officer reads of members who look at, or try, more than anybody needs."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Member
from audit.access_log import record_limit_reached
from compliance.audit import unusual
from core import refusals

pytestmark = pytest.mark.django_db


def test_counts_and_names_and_no_content(signed_in: Client, alice: Member, bob: Member) -> None:
    for _time in range(refusals.MANY):
        refusals.note(member_id=alice.pk)
    assert record_limit_reached(member_id=bob.pk)
    page = signed_in.get(reverse("compliance:consent_audit_figures")).content.decode()
    assert f"{alice.name} asked {refusals.MANY} times for pages" in page
    assert f"{bob.name} reached the limit of pictures in one hour" in page


def test_nobody(signed_in: Client) -> None:
    page = signed_in.get(reverse("compliance:consent_audit_figures")).content.decode()
    assert "Nobody looked at more than the limit" in page


def test_lists_end(monkeypatch: pytest.MonkeyPatch, alice: Member, bob: Member) -> None:
    monkeypatch.setattr(unusual, "MOST", 1)
    for member in (alice, bob):
        assert record_limit_reached(member_id=member.pk)
        for _time in range(refusals.MANY):
            refusals.note(member_id=member.pk)
    assert len(unusual.many_pictures()) == len(unusual.often_refused()) == 1
