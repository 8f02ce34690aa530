"""Preparation and supervision of an embedded instance, for `manage.py serve`."""
