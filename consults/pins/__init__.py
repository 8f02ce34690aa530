"""Pins: numbered marks and outlines that members put on released pictures, and speak of in the discussion.

A pin is a row beside the picture, never a stroke in its file. It belongs to the pixels that were released: it is not
shown on others, and goes with them.
"""

from consults.pins.reading import pins_of

__all__ = ["pins_of"]
