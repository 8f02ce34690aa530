"""The conduct module: guidelines and twelve cases, once a year, before a member may send cases."""
