"""Screening of free text for what could identify a patient: text in, findings out. No Django."""
