"""What every other app stands on: jobs, sealed bytes, private storage, policy lookup. Imports no app of ours."""
