"""Suspension: its reasons, what the suspended member reads, the appeal, and how it is lifted."""
