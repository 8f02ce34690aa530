"""Sandbox: a confined child process for each picture, and its protocol with the caller."""
