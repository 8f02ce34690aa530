"""Renditions: the pipeline from an accepted upload to sealed pictures, and their destruction."""
