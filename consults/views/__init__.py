"""Pages: HTTP in and out, nothing decided here."""
