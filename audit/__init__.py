"""The append-only, chained log: every event names the digest of the one before it."""
