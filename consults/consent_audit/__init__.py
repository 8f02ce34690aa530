"""Consent audit: published posts joined with what the patients allowed. No pictures, no words, no names."""
