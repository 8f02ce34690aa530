"""No page asks the databases more questions because there is more to list."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connections, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from consults.models import Case
from tests import factories
from tests.matrix import growing
from tests.matrix.everybody import EVERYBODY, with_passwords
from tests.matrix.test_routes import CLIENT, ROWS, places, session_of

__all__ = ["places"]

FEW, MANY = 10, 100
# Lists and counts that may become long: so many queries at most, with session and member.
AT_MOST = {
    "accounts:conduct": 12,
    "accounts:conduct_figures": 12,
    "accounts:members": 15,
    "accounts:decide": 12,
    "accounts:queue": 12,
    "accounts:recheck": 12,
    "accounts:rechecks": 12,
    "accounts:directory": 8,
    "accounts:following": 8,
    "accounts:profile": 12,
    "accounts:checks": 12,
    "accounts:membership": 15,
    "accounts:sessions": 12,
    "compliance:consent_audit": 15,
    "compliance:consent_audit?exceptions=on": 15,
    "compliance:consent_audit_exports": 15,
    "compliance:consent_audit_summary": 15,
    "notifications:notices": 8,
    "notifications:settings": 8,
    "consults:cases": 8,
    "consults:case": 8,
    "consults:mine": 15,
    "consults:group": 16,
    "consults:group_members": 12,
    "consults:groups": 12,
    "consults:managed_groups": 12,
    "consults:proposed_terms": 8,
    "consults:rota": 8,
    "consults:waiting_times": 8,
    "consults:moderation": 20,
    "consults:my_reports": 12,
    "consults:room": 12,
    "consults:board": 12,
    "consults:room_desk": 12,
    "consults:album": 15,
    "consults:transparency": 8,
    "consults:redactions": 15,
    "consults:saved": 15,
    "consults:following": 15,
    "consults:searches": 12,
    "consults:similar": 15,
    "consults:second_reads": 15,
}
SEARCHES = {
    "accounts:directory": ["?name=member", "?country=TR&interest=hair&language=tr"],
    "accounts:members": ["?q=member", "?page=2"],
    "compliance:consent_audit": ["?exceptions=on", "?gate=not_visible", "?state=withdrawn"],
    "compliance:consent_audit_summary": ["?state=active"],
    "consults:cases": [
        *("?q=plaque", "?site=cheek&sort=fewest", "?sort=urgent", "?sort=discussed&tag=hair"),
        *("?diagnosis=psoriasis", "?stain=he&mode=contact-polarised&time=week", "?q=plaque&diagnosis=psoriasis"),
    ],
    "consults:groups": ["?show=all", "?show=mine", "?show=all&q=group&purpose=other"],
    "consults:mine": ["?page=2"],
}
# The last: sessions are renewed once a minute, whatever the page; this test takes several.
NOT_COUNTED = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO", "BEGIN", 'UPDATE "accounts_session" SET "expire_date"')


def addresses(known: dict[str, list[object]]) -> Iterator[tuple[str, str, str]]:
    """(name, address, who) of every page that somebody is shown, for everybody who is."""
    for name, rows in ROWS.items():
        for row in rows:
            for asked in ["", *SEARCHES.get(name, [])]:
                at = reverse(name, args=known[row.about]) + asked
                yield from ((f"{name}{asked}", at, who) for who in EVERYBODY if row.get.get(who) == 200)


def queries_of(address: str, *, session: str) -> list[str]:
    """The SQL of one request to both databases, without savepoints and renewals; what it changed is undone."""
    cache.clear()
    CLIENT.cookies.clear()
    if session:
        CLIENT.cookies[settings.SESSION_COOKIE_NAME] = session
    with transaction.atomic(), transaction.atomic(using="keys"):
        with CaptureQueriesContext(connections["default"]) as rows, CaptureQueriesContext(connections["keys"]) as keys:
            response = CLIENT.get(address)
            if response.streaming:
                b"".join(response.streaming_content)
        assert response.status_code == 200, address
        transaction.set_rollback(True)
        transaction.set_rollback(True, using="keys")
    found = [one["sql"] for one in (*rows.captured_queries, *keys.captured_queries)]
    return [sql for sql in found if not sql.startswith(NOT_COUNTED)]


@pytest.mark.service  # a sweep over every page at two sizes
def test_no_page_asks_more_because_there_is_more(places: dict[str, list[object]]) -> None:
    talked_about, bob = Case.objects.get(pk=places["released"][0]), factories.person("bob")
    counts: dict[tuple[str, str, str], list[int]] = {}
    for more in (FEW, MANY - FEW):
        growing.grow(more, talked_about=talked_about, bob=bob)
        with_passwords()
        sessions = {name: session_of(name) for name in EVERYBODY}  # growing may take longer than a sign-in is fresh
        for place in addresses(places):
            asked = queries_of(place[1], session=sessions[place[2]])
            counts.setdefault(place, []).append(len(asked))
    wrong = [
        f"{name} as {who}: {few} queries at {FEW} and {many} at {MANY}"
        for (name, _at, who), (few, many) in counts.items()
        if many > few
    ]
    wrong += [
        f"{name} as {who}: {many} queries and not {AT_MOST[name]}"
        for (name, _at, who), (_few, many) in counts.items()
        if many > AT_MOST.get(name, many)
    ]
    assert not wrong, "\n".join(wrong)
    assert set(AT_MOST) <= {name for name, _at, _who in counts}


@pytest.mark.parametrize("name", sorted(AT_MOST))
def test_what_has_a_limit_is_a_page(name: str) -> None:
    assert name.partition("?")[0] in ROWS
