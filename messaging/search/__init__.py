"""Search over blind tokens: segments of postings, queries, and members' searches."""
