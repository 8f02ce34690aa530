"""Readers of a consent form: the patient, a child's guardian, or somebody who speaks for the patient.

Each reads a text of their own, in which “pictures of you” is “pictures of your child” or “of the person you speak
for”. The text for another reader than the patient is a form whose code ends in that reader's name.
"""

from enum import StrEnum

from consent.models import Capacity, Relation


class Reader(StrEnum):
    """Whoever reads and signs a form; next of kin read as representatives do."""

    PATIENT = ""
    GUARDIAN = "guardian"
    REPRESENTATIVE = "representative"


def reader_of(*, capacity: str, relation: str) -> Reader:
    """Return the reader of a consent that is given in this way. A guardian of an adult speaks for an adult."""
    if relation == Relation.SELF:
        return Reader.PATIENT
    is_parent = relation == Relation.GUARDIAN and capacity == Capacity.CHILD
    return Reader.GUARDIAN if is_parent else Reader.REPRESENTATIVE


def code_for(code: str, reader: Reader) -> str:
    """Return the code of the text for this reader, from the code of the text for any."""
    base = base_code(code)
    return f"{base}-{reader}" if reader else base


def base_code(code: str) -> str:
    """Return the code of the text that the patient reads."""
    for reader in (Reader.GUARDIAN, Reader.REPRESENTATIVE):
        code = code.removesuffix(f"-{reader}")
    return code


def reader_in(code: str) -> Reader:
    """Return the reader that a form with this code is written for."""
    base = base_code(code)
    return Reader(code[len(base) + 1 :]) if code != base else Reader.PATIENT
