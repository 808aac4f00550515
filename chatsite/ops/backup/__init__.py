"""Backups: made of a running site, checked without one, and put back in its place.

`create` writes a backup, `check` reads one and names every fault, `restore` puts one in place.
Each engine has a module of its own (`sqlite`, `postgres`, `mongo`, `attachments`).
"""
