"""Outcomes after the closing: corrections, who was right, reminders, sealed solutions, the author's summary."""
