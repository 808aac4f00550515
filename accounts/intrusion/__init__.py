"""Signals of intrusion: attempts that are seen, told to the operator, and slowed down.

`kinds` is the registry, `raising.signal` the one function that is called where something happens.
"""
