"""Database trigger that keeps results of the conduct module as they were written, for SQLite and Postgres.

Threat: a bug, or an administrator's query, that dates a result anew. A result goes only with its member.
"""

from core.triggers import Triggers

TABLE = "accounts_conductresult"
REFUSED = "a result of the conduct module does not change"

TRIGGERS = Triggers(
    sqlite=(
        [
            f"CREATE TRIGGER IF NOT EXISTS {TABLE}_refuses_update BEFORE UPDATE ON {TABLE} "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
        ],
        [f"DROP TRIGGER IF EXISTS {TABLE}_refuses_update"],
    ),
    postgresql=(
        [
            f"CREATE OR REPLACE FUNCTION {TABLE}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
            f"CREATE TRIGGER {TABLE}_refuses_update BEFORE UPDATE ON {TABLE} FOR EACH ROW "
            f"EXECUTE FUNCTION {TABLE}_refuse()",
        ],
        [f"DROP TRIGGER IF EXISTS {TABLE}_refuses_update ON {TABLE}", f"DROP FUNCTION IF EXISTS {TABLE}_refuse()"],
    ),
)
create, drop = TRIGGERS.create, TRIGGERS.drop
