"""Pages: applying (`joining`), deciding (`vetting`), one's own page (`own`), signing in (`signin`)."""
