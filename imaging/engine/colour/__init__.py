"""Colour: whatever the numbers of a file mean becomes 8-bit sRGB."""
