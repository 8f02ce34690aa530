"""Output: encoding of clean pictures, and verification of their bytes."""
