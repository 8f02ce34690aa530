"""How `manage.py serve` keeps the parts of an embedded instance alive."""
