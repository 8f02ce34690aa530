"""Training of the small net that finds single eyes in close-ups."""
