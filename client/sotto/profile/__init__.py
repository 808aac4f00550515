"""The profile directory: what the program keeps on this machine."""
