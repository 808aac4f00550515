"""The audit log: entries with ids alone, chained by hashes so that a change shows.

`recording` writes entries, `sealing` chains them, `checking` verifies the chain, `retention`
deletes old entries and keeps the rest verifiable.
"""
