"""Histology of simulated skin: the section and its stains."""
