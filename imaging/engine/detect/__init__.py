"""Detection of faces, eyes and text. Runs inside the sandbox only."""
