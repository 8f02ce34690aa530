"""Masks of a photo: the covers that the engine paints, and the mask receipt."""
