"""Vetting: applications, evidence, and the decision of two moderators."""
