"""Dermoscopic pictures of simulated lesions: contact polarised, 16 mm across by default.

Every picture function takes `seed`, `monk` (1-10), `width` and `height` (px) and returns H×W×3 uint8
sRGB. Colour shows depth: melanin is black at the surface, brown at the junction, blue-grey in the dermis.
"""
