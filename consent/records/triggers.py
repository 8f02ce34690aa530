"""Database triggers that keep consents of different patients apart, for SQLite and Postgres.

Threat: a withdrawal code follows a replaced consent to its successor. One wrong successor, and the code of one patient
destroys the pictures of another. The patient of a consent never changes, and its successor has the same patient.

A migration that remakes the table on SQLite drops these triggers and has to create them again;
`tests/consent/test_patients.py` notices.
"""

from core.triggers import Statements, Triggers

TABLE = "consent_consent"
REFUSED = "a consent is not replaced by one of another patient"

_STRANGER = (
    "NEW.superseded_by_id IS NOT NULL AND NOT EXISTS "
    f"(SELECT 1 FROM {TABLE} WHERE id = NEW.superseded_by_id AND patient = NEW.patient)"
)


def _sqlite() -> Statements:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
    create = [
        f"CREATE TRIGGER IF NOT EXISTS {TABLE}_keeps_patient_on_update BEFORE UPDATE OF patient, superseded_by_id "
        f"ON {TABLE} WHEN NEW.patient IS NOT OLD.patient OR ({_STRANGER}) {refuse}",
        f"CREATE TRIGGER IF NOT EXISTS {TABLE}_keeps_patient_on_insert BEFORE INSERT ON {TABLE} "
        f"WHEN {_STRANGER} {refuse}",
    ]
    return create, [f"DROP TRIGGER IF EXISTS {TABLE}_keeps_patient_on_{verb}" for verb in ("update", "insert")]


def _postgres() -> Statements:
    raises = f"RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'integrity_constraint_violation'"
    create = [
        "CREATE OR REPLACE FUNCTION consent_keeps_patient() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'UPDATE' AND NEW.patient IS DISTINCT FROM OLD.patient THEN {raises}; END IF; "
        f"IF {_STRANGER} THEN {raises}; END IF; RETURN NEW; END $$",
        f"CREATE TRIGGER {TABLE}_keeps_patient BEFORE INSERT OR UPDATE OF patient, superseded_by_id ON {TABLE} "
        "FOR EACH ROW EXECUTE FUNCTION consent_keeps_patient()",
    ]
    drop = [
        f"DROP TRIGGER IF EXISTS {TABLE}_keeps_patient ON {TABLE}",
        "DROP FUNCTION IF EXISTS consent_keeps_patient()",
    ]
    return create, drop


TRIGGERS = Triggers(sqlite=_sqlite(), postgresql=_postgres())
create, drop = TRIGGERS.create, TRIGGERS.drop
