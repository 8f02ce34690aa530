"""The room of a group: its thread, announcements, polls and albums, for its members alone."""
