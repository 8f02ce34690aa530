"""Consent forms: the texts that patients sign, drafted, published and retired."""
