"""Similar cases: beside a case that a member has answered, those that are like it in words, site and morphology."""
