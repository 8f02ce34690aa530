"""Keys and sealed bytes."""
