"""The demo: six accounts and three rooms, played through the Python client like anybody's."""
