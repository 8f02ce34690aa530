"""What members follow, what they search for again and again, and how they hear of it."""
