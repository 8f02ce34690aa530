"""Consent: forms, records of what patients allowed, withdrawal and receipts."""
