"""Consent forms: drafting, publishing and retiring the texts that patients sign."""
