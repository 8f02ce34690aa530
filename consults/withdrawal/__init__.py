"""What a withdrawal does to cases: hide, purge, redact, notify."""
