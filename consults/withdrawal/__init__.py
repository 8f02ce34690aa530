"""Withdrawal of cases: hiding, purge, redaction, notices."""
