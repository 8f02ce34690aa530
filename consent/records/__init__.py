"""Consent records: the statement, its validation, recording and lookup."""
