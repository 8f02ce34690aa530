"""Blind answers, consensus and the thread."""
