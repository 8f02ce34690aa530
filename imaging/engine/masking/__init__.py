"""Masks: their geometry, and painting them into pixels."""
