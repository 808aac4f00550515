"""Presence: people with an open socket. Never in a database."""
