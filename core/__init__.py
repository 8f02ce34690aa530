"""The base of all other apps: jobs, encryption, private storage, permissions. Imports no other app of ours."""
