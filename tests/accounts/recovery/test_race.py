"""Factors and recoveries in the same moment: one code once, one factor left, two findings and no third."""

import pytest
from allauth.mfa.models import Authenticator

from accounts.models import Recovery
from accounts.security.factors import codes
from accounts.security.factors import service as factors
from accounts.security.recovery import service
from tests import factories
from tests.accounts.test_race import at_once
from tests.factors import app_code

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def test_a_code_is_good_once() -> None:
    data = codes.totp_data(SECRET, counter=None)
    app = Authenticator.objects.create(user=factories.member(), type="totp", data=data)
    code, good = app_code(SECRET), []
    at_once([lambda: good.append(codes.use(app, code))] * 4)
    assert sorted(good) == [False, False, False, True]


def test_a_moderator_does_not_remove_both_at_once() -> None:
    member = factories.member(is_moderator=True)
    app = Authenticator.objects.create(user=member, type="totp", data=codes.totp_data(SECRET, counter=None))
    key = Authenticator.objects.create(user=member, type="webauthn", data={"name": "key", "credential": {}})
    outcomes = at_once([lambda one=one: factors.remove(member=member, factor=one) for one in (app, key)])
    assert sorted(outcomes) == ["", "NotYet"]
    assert Authenticator.objects.filter(user=member).count() == 1


def test_six_moderators_at_once() -> None:
    judges = [factories.member(is_moderator=True) for _number in range(6)]
    member = factories.member()
    Authenticator.objects.create(user=member, type="totp", data=codes.totp_data(SECRET, counter=None))
    found = service.begin(member.pk)
    assert found is not None
    service.confirm_address(found)
    outcomes = at_once(
        [lambda by=by: service.vote(recovery=Recovery.objects.get(), by=by, way="video") for by in judges]
    )
    assert sorted(outcomes) == ["", "", *["NotYours"] * 4]
    assert Recovery.objects.get().state == "approved"
    assert found.votes.count() == 2


def test_stopped_or_done_but_not_both() -> None:
    member = factories.member()
    Authenticator.objects.create(user=member, type="totp", data=codes.totp_data(SECRET, counter=None))
    found = Recovery.objects.create(member=member, state="approved", effective_at=member.created_at)
    outcomes = at_once([lambda: service.stop(Recovery.objects.get()), lambda: bool(service.take_effect())])
    found.refresh_from_db()
    assert outcomes in (["", ""], ["Moved", ""])
    expected = {"stopped": True, "done": False}[found.state]
    assert Authenticator.objects.filter(user=member).exists() is expected
