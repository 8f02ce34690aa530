"""Fetching through policy: what one may not see does not exist."""

import uuid

import pytest
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import Http404

from accounts.models import Member
from core import permissions
from core.models import Job


@pytest.fixture
def jobs_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    table = {
        "job.view": lambda member: Job.objects.filter(kind=member),
        "job.retry": lambda member: Job.objects.filter(kind=member, state="parked"),
    }
    monkeypatch.setattr(permissions, "policy_table", lambda: table)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("member", "state", "seen", "may_retry"),
    [("mine", "parked", True, True), ("mine", "done", True, False), ("other", "parked", False, False)],
)
def test_seen_and_allowed(jobs_policy: None, member: str, state: str, seen: bool, may_retry: bool) -> None:
    job = Job.objects.create(kind="mine", subject=uuid.uuid4(), state=state)
    for kind in ("mine", "other"):  # what is allowed on another row says nothing about this one
        Job.objects.create(kind=kind, subject=uuid.uuid4(), state="parked")
    assert permissions.allows(member, "job.view", job) is seen
    assert permissions.allows(member, "job.retry", job) is may_retry


@pytest.mark.django_db
def test_not_visible_is_404_and_not_allowed_403(jobs_policy: None) -> None:
    job = Job.objects.create(kind="mine", subject=uuid.uuid4(), state="done")
    assert permissions.get_visible_or_404("mine", "job.view", job.pk) == job
    assert permissions.get_visible_or_404("mine", "job.view", str(job.pk)) == job
    for pk in (uuid.uuid4(), "not-an-id"):
        with pytest.raises(Http404):
            permissions.get_visible_or_404("mine", "job.view", pk)
    with pytest.raises(Http404):
        permissions.get_visible_or_404("other", "job.view", job.pk)
    permissions.require("mine", "job.view", job)
    with pytest.raises(PermissionDenied):
        permissions.require("mine", "job.retry", job)


@pytest.mark.django_db
def test_mistakes_in_the_code_raise(jobs_policy: None, alice: Member) -> None:
    with pytest.raises(permissions.UnknownAction):
        permissions.allowed("mine", "job.fly")
    with pytest.raises(permissions.UnknownAction):
        permissions.allows("mine", "job.view", alice)


def test_two_tables_may_not_name_one_action(monkeypatch: pytest.MonkeyPatch) -> None:
    from accounts import policy as first
    from consults import policy as second

    monkeypatch.setattr(first, "POLICY", {"x.view": None}, raising=False)
    monkeypatch.setattr(second, "POLICY", {"x.view": None}, raising=False)
    permissions.policy_table.cache_clear()
    with pytest.raises(ImproperlyConfigured, match=r"x\.view"):
        permissions.policy_table()
    permissions.policy_table.cache_clear()
