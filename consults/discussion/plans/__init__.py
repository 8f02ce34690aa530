"""Plans: the answers to "How would you manage it?" and "Biopsy or not?"."""
