"""The log's triggers on a real Postgres, as its migrations leave them."""

import subprocess
import sys

import psycopg
import pytest

from tests.scratch import ROOT
from tests.services import postgres_environment


@pytest.fixture(scope="module")
def migrated(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The server's address, its database migrated."""
    where = postgres_environment(postgres_url) | {"RETE_DATA": str(tmp_path_factory.mktemp("migrated"))}
    migrate = [sys.executable, "manage.py", "migrate", "-v0"]
    subprocess.run(migrate, cwd=ROOT, env=where, check=True, timeout=300)
    return postgres_url


@pytest.mark.parametrize(
    "statement", ["TRUNCATE audit_event", "TRUNCATE audit_pictureserved", "DELETE FROM audit_event"]
)
def test_migrated_postgres_refuses(statement: str, migrated: str) -> None:
    with psycopg.connect(migrated) as connection:
        connection.execute(
            "INSERT INTO audit_event SELECT COALESCE(MAX(seq), 0) + 1, now(), NULL, 'x', 'x', gen_random_uuid(), '{}', "
            "'', gen_random_uuid()::text FROM audit_event"
        )
        connection.commit()
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            connection.execute(statement)
