"""Database triggers that keep published forms as they were signed, for SQLite and Postgres.

Threat: a bug or an administrator's query that changes the words under a signature. A published form may be
retired, once; nothing else in it changes, and it is not deleted. The owner of the database can drop a trigger;
the hash in the log entry of each consent then reveals the change.
"""

from core.triggers import Statements, Triggers

TABLE = "consent_form"
REFUSED = "a published consent form does not change"
FIXED = ("id", "code", "version", "language", "title", "text", "sha256", "published_at")


def _changed(differs: str) -> str:
    fixed = " OR ".join(f"NEW.{column} {differs} OLD.{column}" for column in FIXED)
    return f"{fixed} OR (OLD.retired_at IS NOT NULL AND NEW.retired_at {differs} OLD.retired_at)"


def _sqlite() -> Statements:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
    create = [
        f"CREATE TRIGGER IF NOT EXISTS {TABLE}_refuses_update BEFORE UPDATE ON {TABLE} "
        f"WHEN OLD.published_at IS NOT NULL AND ({_changed('IS NOT')}) {refuse}",
        f"CREATE TRIGGER IF NOT EXISTS {TABLE}_refuses_delete BEFORE DELETE ON {TABLE} "
        f"WHEN OLD.published_at IS NOT NULL {refuse}",
    ]
    return create, [f"DROP TRIGGER IF EXISTS {TABLE}_refuses_{verb}" for verb in ("update", "delete")]


def _postgres() -> Statements:
    create = [
        "CREATE OR REPLACE FUNCTION consent_form_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
        f"CREATE TRIGGER {TABLE}_refuses_update BEFORE UPDATE ON {TABLE} FOR EACH ROW "
        f"WHEN (OLD.published_at IS NOT NULL AND ({_changed('IS DISTINCT FROM')})) "
        "EXECUTE FUNCTION consent_form_refuse()",
        f"CREATE TRIGGER {TABLE}_refuses_delete BEFORE DELETE ON {TABLE} FOR EACH ROW "
        "WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION consent_form_refuse()",
    ]
    drop = [f"DROP TRIGGER IF EXISTS {TABLE}_refuses_{verb} ON {TABLE}" for verb in ("update", "delete")]
    return create, [*drop, "DROP FUNCTION IF EXISTS consent_form_refuse()"]


TRIGGERS = Triggers(sqlite=_sqlite(), postgresql=_postgres())
create, drop = TRIGGERS.create, TRIGGERS.drop
