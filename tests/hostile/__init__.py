"""A server that lies to one person, and holds the keys of a real member besides."""
