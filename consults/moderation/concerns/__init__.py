"""Concerns: mistreatment among members, read by trusted persons alone."""
