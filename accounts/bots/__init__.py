"""Bots: accounts of programs, made by a person, that sign in by tokens with scopes."""
