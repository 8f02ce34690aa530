"""Pages of vetting: for applicants (`applying`), moderators (`deciding`) and colleagues (`vouching`)."""
