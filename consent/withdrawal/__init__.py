"""Withdrawal of a consent, whole or in part: hidden at once, then destroyed by a job."""

from consent.withdrawal.service import (
    DESTROY_DOCUMENT,
    PURGE,
    PURGE_PART,
    NotPossible,
    apply_removal,
    destroy_document,
    erase_free_text,
    job_of,
    mark_complete,
    mark_keys_destroyed,
    preview_withdrawal,
    withdraw,
    withdraw_picture,
)

__all__ = [
    "DESTROY_DOCUMENT",
    "PURGE",
    "PURGE_PART",
    "NotPossible",
    "apply_removal",
    "destroy_document",
    "erase_free_text",
    "job_of",
    "mark_complete",
    "mark_keys_destroyed",
    "preview_withdrawal",
    "withdraw",
    "withdraw_picture",
]
