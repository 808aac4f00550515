"""The MongoDB engine: one document per message."""
