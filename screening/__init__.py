"""Screening of free text for anything that could identify a patient: text in, findings out. No Django."""
