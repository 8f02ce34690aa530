"""The same tests of the log, of jobs and of the vault on a real Postgres, in a pytest of their own."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]
SUITES = [
    "tests/audit/test_record.py",
    "tests/audit/test_verify.py",
    "tests/audit/test_keys.py",
    "tests/core/test_jobs.py",
    "tests/core/test_vault.py",
]


def environment(postgres_url: str, tmp_path: Path) -> dict[str, str]:
    keys = postgres_url.rsplit("/", 1)[0] + "/keys"
    return dict(os.environ) | {"DATABASE_URL": postgres_url, "KEYS_DATABASE_URL": keys, "RETE_DATA": str(tmp_path)}


def test_suites_pass_on_postgres(postgres_url: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *SUITES]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(postgres_url, tmp_path), capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout[-5000:]


@pytest.mark.parametrize(
    "statement", ["TRUNCATE audit_event", "TRUNCATE audit_pictureserved", "DELETE FROM audit_event"]
)
def test_migrated_postgres_refuses(statement: str, postgres_url: str, tmp_path: Path) -> None:
    manage = [sys.executable, "manage.py"]
    where = environment(postgres_url, tmp_path)
    subprocess.run([*manage, "migrate", "-v0"], cwd=ROOT, env=where, check=True, timeout=300)
    with psycopg.connect(postgres_url) as connection:
        connection.execute(
            "INSERT INTO audit_event SELECT COALESCE(MAX(seq), 0) + 1, now(), NULL, 'x', 'x', gen_random_uuid(), '{}', "
            "'', gen_random_uuid()::text FROM audit_event"
        )
        connection.commit()
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            connection.execute(statement)
