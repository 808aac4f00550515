"""The socket side of messaging."""
