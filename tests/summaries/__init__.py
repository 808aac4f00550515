"""Summaries: sealed requests, the worker, its engines, the sealed cache."""
