"""The server that starts everything in one process."""
