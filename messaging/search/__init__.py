"""Search over blind tokens: segments of postings, queries, and what members ask for."""
