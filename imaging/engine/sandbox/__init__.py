"""The sandbox: a confined child process for each picture, and the protocol between it and the caller."""
