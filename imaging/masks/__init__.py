"""Masks of a photo: the covers that the engine paints, and the receipt of what was painted."""
