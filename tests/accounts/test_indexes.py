"""Orders and questions over all members are answered by an index."""

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Upper

from accounts.models import Member


@pytest.mark.parametrize(
    ("index", "rows"),
    [
        ("member_by_name", Member.objects.order_by("name", "pk")[:50]),
        ("member_of_same_name", Member.objects.alias(key=Upper("name")).filter(key="BOB")),
    ],
)
def test_it_is_used(index: str, rows: QuerySet[Member], db: None) -> None:
    if connection.vendor == "postgresql":  # a small table is read as a whole otherwise
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    assert index in rows.explain()
