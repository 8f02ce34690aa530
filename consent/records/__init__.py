"""Consent records: what is asked, what is wrong with it, recording it, looking it up."""
