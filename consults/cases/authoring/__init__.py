"""The steps of a new case: pictures, studio, facts, check."""
