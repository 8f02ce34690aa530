"""Groups: smaller audiences among the vetted members."""
