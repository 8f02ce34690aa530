"""Receipt and certificate as PDF."""
