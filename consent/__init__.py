"""Consent: forms, the record of what a patient allowed, withdrawal and receipt."""
