"""Database triggers that keep the log append-only, for SQLite and Postgres.

Threat: a bug, an admin's query or a compromised web process that rewrites the log. The owner of the database
can drop a trigger; the chain of digests and the signed heads then reveal a change (`audit.verify`).
"""

from audit.models import STRAND_BITS
from core.triggers import Statements, Triggers

TABLES = ("audit_event", "audit_pictureserved")
REFUSED = "the log is append-only"


# The next number in the strand of a new event.
_BASE = f"((NEW.seq >> {STRAND_BITS}) << {STRAND_BITS})"
_NEXT = (
    f"SELECT COALESCE(MAX(seq), {_BASE}) + 1 FROM audit_event "
    f"WHERE seq > {_BASE} AND seq < {_BASE} + {1 << STRAND_BITS}"
)


def _sqlite() -> Statements:
    create: list[str] = []
    drop: list[str] = []
    for table in TABLES:
        for verb in ("UPDATE", "DELETE"):
            name = f"{table}_refuses_{verb.lower()}"
            create.append(
                f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
            )
            drop.append(f"DROP TRIGGER IF EXISTS {name}")
    # INSERT OR REPLACE removes the old row without firing the DELETE trigger.
    create.append(
        "CREATE TRIGGER IF NOT EXISTS audit_event_next BEFORE INSERT ON audit_event "
        f"WHEN NEW.seq <> ({_NEXT}) "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
    )
    create.append(
        "CREATE TRIGGER IF NOT EXISTS audit_pictureserved_next BEFORE INSERT ON audit_pictureserved "
        "WHEN NEW.id <= (SELECT COALESCE(MAX(id), 0) FROM audit_pictureserved) AND NEW.id > 0 "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
    )
    drop += [f"DROP TRIGGER IF EXISTS {table}_next" for table in TABLES]
    minute = "CAST(strftime('%s', NEW.at) AS INTEGER) / 60"
    create.append(
        "CREATE TRIGGER IF NOT EXISTS audit_pictureserved_counts AFTER INSERT ON audit_pictureserved "
        f"BEGIN {_counted(minute)}; END"
    )
    drop.append("DROP TRIGGER IF EXISTS audit_pictureserved_counts")
    return create, drop


def _counted(minute: str) -> str:
    """Return the statement that adds a new view to its member's count, in one of four slots."""
    return (
        "INSERT INTO audit_viewcount (member_id, minute, slot, tenths) "
        f"VALUES (NEW.member_id, {minute}, NEW.id & 3, CASE NEW.name WHEN 'thumbnail' THEN 1 ELSE 10 END) "
        "ON CONFLICT (member_id, minute, slot) DO UPDATE SET tenths = audit_viewcount.tenths + excluded.tenths"
    )


def _postgres() -> Statements:
    create = [
        "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSED}'; END $$",
        "CREATE OR REPLACE FUNCTION audit_next() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF NEW.seq <> ({_NEXT}) "
        f"THEN RAISE EXCEPTION '{REFUSED}'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER audit_event_next BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_next()",
    ]
    minute = "floor(extract(epoch FROM NEW.at) / 60)::bigint"
    create += [
        "CREATE OR REPLACE FUNCTION audit_count() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {_counted(minute)}; RETURN NULL; END $$",
        "CREATE TRIGGER audit_pictureserved_counts AFTER INSERT ON audit_pictureserved "
        "FOR EACH ROW EXECUTE FUNCTION audit_count()",
    ]
    drop = [
        "DROP TRIGGER IF EXISTS audit_event_next ON audit_event",
        "DROP TRIGGER IF EXISTS audit_pictureserved_counts ON audit_pictureserved",
        "DROP FUNCTION IF EXISTS audit_count()",
    ]
    for table in TABLES:
        create += [
            f"CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
            f"CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
        ]
        drop += [
            f"DROP TRIGGER IF EXISTS {table}_refuses_change ON {table}",
            f"DROP TRIGGER IF EXISTS {table}_refuses_truncate ON {table}",
        ]
    return create, [*drop, "DROP FUNCTION IF EXISTS audit_next()", "DROP FUNCTION IF EXISTS audit_refuse()"]


TRIGGERS = Triggers(sqlite=_sqlite(), postgresql=_postgres())
create, drop = TRIGGERS.create, TRIGGERS.drop
