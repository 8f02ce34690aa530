"""Whoever serves pages may write rows, and neither drop nor disable the triggers that keep the log as it is."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import yaml

from tests.core.instance import Instance
from tests.scratch import ROOT
from tests.services import missing, postgres_programs, private_postgres

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
# What a site does, as `rete_site`: writes a case and its consent, withdraws, destroys, and says what the log holds.
LIFE = """
import json
from audit.models import Event
from audit.verify import verify
from consent.models import WithdrawnBy
from consent.withdrawal import withdraw
from core import jobs
from core.jobs import run_due_rounds
from core.models import DataKey
from tests.consent import making
published = making.published()
withdraw(consent_id=published.consent.pk, by=WithdrawnBy.PATIENT)
jobs.run_waiting()
run_due_rounds()
verify()
print(json.dumps({"purged": Event.objects.filter(verb="consent.purged").count(),
    "destroyed": DataKey.objects.filter(destroyed_at__isnull=False).exists()}))
"""


@pytest.fixture(scope="module")
def house() -> Iterator[tuple[Instance, str]]:
    """An instance whose databases were prepared by their owner, and the address of a server, without a role."""
    programs = postgres_programs()
    path = f"{programs}:{os.environ['PATH']}"
    if programs is None or shutil.which("psql", path=path) is None:
        missing("Postgres, with psql,")
    folder = Path(tempfile.mkdtemp(prefix="rete-roles-", dir="/tmp"))
    folder.chmod(0o755)  # Postgres runs as somebody else
    (folder / "secrets").mkdir()
    for name in ("owner", "site"):
        (folder / "secrets" / f"{name}_password").write_text(f"{name}-secret\n")
    data = folder / "postgres"
    data.mkdir()
    with private_postgres(data) as url:
        server = url.partition("@")[2].rpartition("/")[0]
        host, port = server.split(":")
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in ("CREATE DATABASE main", "CREATE DATABASE kept"):
                connection.execute(statement)
        where = {"PGHOST": host, "PGPORT": port, "POSTGRES_USER": "rete", "SECRETS": str(folder / "secrets")}
        for database in ("main", "kept"):
            if database == "kept":  # in compose each has a server of its own
                grants = (ROOT / "deploy" / "postgres-roles.sh").read_text().replace("CREATE ROLE", "ALTER ROLE")
                script = folder / "roles.sh"
                script.write_text(grants)
            else:
                script = ROOT / "deploy" / "postgres-roles.sh"
            environment = {**os.environ, **where, "POSTGRES_DB": database, "PATH": path}
            subprocess.run(["sh", script], env=environment, check=True, timeout=60)
        instance = Instance(folder / "site")
        instance.environment |= addresses("rete_owner:owner-secret", server)
        instance.manage("prepare")
        instance.environment |= addresses("rete_site:site-secret", server)
        yield instance, server
        instance.stop()
    shutil.rmtree(folder, ignore_errors=True)


def addresses(role: str, server: str) -> dict[str, str]:
    return {"DATABASE_URL": f"postgres://{role}@{server}/main", "KEYS_DATABASE_URL": f"postgres://{role}@{server}/kept"}


def test_the_site_lives_without_owning_anything(house: tuple[Instance, str]) -> None:
    instance, _server = house
    seen = json.loads(instance.manage("shell", "-v0", "-c", LIFE).splitlines()[-1])
    assert seen == {"purged": 1, "destroyed": True}


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TRIGGER {trigger} ON {table}",
        "ALTER TABLE {table} DISABLE TRIGGER ALL",
        "ALTER TABLE {table} DISABLE TRIGGER {trigger}",
        "TRUNCATE {table}",
        "DROP TABLE {table}",
        "SET session_replication_role = replica",
        "CREATE TABLE another (id int)",
        "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "SET ROLE rete_owner",
        "ALTER ROLE rete_site SUPERUSER",
    ],
)
def test_the_site_cannot_get_past_a_trigger(house: tuple[Instance, str], statement: str) -> None:
    _instance, server = house
    with psycopg.connect(addresses("rete_site:site-secret", server)["DATABASE_URL"]) as connection:
        found = connection.execute(
            "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text"
            " IN ('audit_event', 'consent_form')"
        ).fetchall()
        assert {table for _trigger, table in found} == {"audit_event", "consent_form"}
        for trigger, table in found:
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(statement.format(trigger=trigger, table=table))


# --- Compose


def test_only_the_step_that_makes_tables_gets_the_owners_password() -> None:
    with_owner = {
        name for name, service in COMPOSE["services"].items() if "owner_url" in json.dumps(service.get("secrets", []))
    }
    assert with_owner == {"prepare"}
    assert COMPOSE["services"]["web"]["depends_on"]["prepare"] == {"condition": "service_completed_successfully"}
    assert "prepare" not in str(COMPOSE["services"]["web"]["command"])


def test_every_secret_is_a_file_and_every_password_another(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "bin", tmp_path / "bin")
    subprocess.run([tmp_path / "bin" / "compose-secrets"], check=True, timeout=60)
    made = {path.name: path.read_text().strip() for path in (tmp_path / "secrets").iterdir()}
    assert {Path(secret["file"]).name for secret in COMPOSE["secrets"].values()} <= made.keys()
    passwords = {name: value for name, value in made.items() if name.endswith("_password")}
    assert (len(passwords), len(set(passwords.values()))) == (7, 7)
    for name in ("site", "owner"):
        assert passwords[f"{name}_password"] in made[f"database_{'owner_' * (name == 'owner')}url"]
        assert passwords[f"keys_{name}_password"] in made[f"keys_database_{'owner_' * (name == 'owner')}url"]
    assert passwords["redis_password"] in made["redis_url"]
    assert oct((tmp_path / "secrets").stat().st_mode)[-3:] == "700"
    subprocess.run([tmp_path / "bin" / "compose-secrets"], check=True, timeout=60)
    assert made == {path.name: path.read_text().strip() for path in (tmp_path / "secrets").iterdir()}


@pytest.mark.parametrize("service", ["postgres", "keys"])
def test_a_database_gets_passwords_of_its_own(service: str) -> None:
    given = COMPOSE["services"][service]["secrets"]
    sources = {one if isinstance(one, str) else one["source"] for one in given}
    others = json.dumps([COMPOSE["services"][name]["secrets"] for name in {"postgres", "keys"} - {service}])
    assert {one if isinstance(one, str) else one["target"] for one in given} == {
        "postgres_password",
        "owner_password",
        "site_password",
    }
    assert len(sources) == 3
    assert {source for source in sources if f'"source": "{source}"' in others} == set()


def test_redis_asks_for_its_password_and_keeps_nothing() -> None:
    redis = COMPOSE["services"]["redis"]
    assert "requirepass" in redis["command"][-1]
    assert "requirepass" not in redis["command"][-1].partition("exec")[2]
    assert '--save ""' in redis["command"][-1]
    assert "REDIS_URL" not in COMPOSE["services"]["web"]["environment"]
    assert COMPOSE["services"]["web"]["environment"]["REDIS_URL_FILE"] == "/run/secrets/redis_url"
