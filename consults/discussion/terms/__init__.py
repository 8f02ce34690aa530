"""Diagnoses that the vocabulary lacks: proposed with an answer, decided by a moderator."""
