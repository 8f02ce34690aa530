"""Secrets, data keys and sealed bytes."""
