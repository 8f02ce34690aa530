"""Controlled vocabularies of a case: terms on the form, body sites, coded diagnoses. No database."""
