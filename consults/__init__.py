"""Consults: cases, the gate in front of them, discussion and withdrawal."""
