"""Pages that list cases: no more queries at a hundred rows than at ten."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Member
from consults.discussion import bookmarks
from tests import factories
from tests.consults import reading

PAGES = {"consults:cases": "bob", "consults:saved": "bob", "consults:mine": "alice", "consults:second_reads": "mod1"}
MOST = 15


def queries(client: Client, name: str) -> list[str]:
    """What the page asks, without what only a test's own transaction asks."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(reverse(name)).status_code == 200
    return [query["sql"] for query in captured if not re.match("(RELEASE )?SAVEPOINT", query["sql"])]


def fill(cases: int, *, author: Member, reader: Member) -> None:
    for number in range(cases):
        case = reading.case(author, title=f"case {number}")
        bookmarks.save(case=case, by=reader)
        reading.case(author, state=("draft", "submitted")[number % 2])


@pytest.mark.parametrize("name", PAGES)
def test_no_more_queries_for_a_hundred_rows_than_for_ten(name: str, sign_in: Callable[[object], Client]) -> None:
    author, reader = factories.person("alice"), factories.person("bob")
    client = sign_in(factories.person(PAGES[name]))
    fill(10, author=author, reader=reader)
    client.get(reverse(name))  # the session is written
    few = queries(client, name)

    fill(90, author=author, reader=reader)

    many = queries(client, name)
    # Fewer when the first page holds fewer kinds of rows.
    assert len(many) <= len(few) <= MOST, many
