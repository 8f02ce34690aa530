"""How the pages behave as cases become many: a generator of cases that pass the gate, and what they cost."""
