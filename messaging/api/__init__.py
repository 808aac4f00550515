"""REST: history, search and files of a room."""
