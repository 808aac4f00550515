"""The socket side of messaging, while it runs."""
