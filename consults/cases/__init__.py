"""A case from draft to closing."""
