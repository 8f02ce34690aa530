"""The append-only log, a hash chain: every event holds the digest of the one before it."""
