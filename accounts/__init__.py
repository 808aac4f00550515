"""Accounts: users, their public identities, their sessions and tokens."""
