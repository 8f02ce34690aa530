"""The log's triggers on a real Postgres, as its migrations leave them."""

import psycopg
import pytest


@pytest.mark.parametrize(
    "statement", ["TRUNCATE audit_event", "TRUNCATE audit_pictureserved", "DELETE FROM audit_event"]
)
def test_migrated_postgres_refuses(statement: str, postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute(
            "INSERT INTO audit_event SELECT COALESCE(MAX(seq), 0) + 1, now(), NULL, 'x', 'x', gen_random_uuid(), '{}', "
            "'', gen_random_uuid()::text FROM audit_event"
        )
        connection.commit()
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            connection.execute(statement)
