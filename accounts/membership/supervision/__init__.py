"""Supervision: who stands behind what a resident or nurse posts, and how that begins and ends."""
