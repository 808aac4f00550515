"""The command `sotto`."""
