"""Withdrawal of a consent, whole or in part: hidden at once, then destroyed by a job."""

from consent.withdrawal.service import (
    DESTROY_DOCUMENT,
    PURGE,
    PURGE_PART,
    NotPossible,
    complete,
    destroy_document,
    foresee,
    forget_words,
    job_of,
    keys_destroyed,
    remove,
    withdraw,
    withdraw_picture,
)

__all__ = [
    "DESTROY_DOCUMENT",
    "PURGE",
    "PURGE_PART",
    "NotPossible",
    "complete",
    "destroy_document",
    "foresee",
    "forget_words",
    "job_of",
    "keys_destroyed",
    "remove",
    "withdraw",
    "withdraw_picture",
]
