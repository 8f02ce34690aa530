"""Appointments: who becomes administrator, moderator or privacy officer, and who is missing."""
