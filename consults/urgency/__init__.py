"""Cases that cannot wait, and cases that wait too long: marks, escalation, the rota, and how long answers take."""
