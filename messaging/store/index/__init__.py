"""The search index: postings of blind tokens, and the interface of every engine."""
