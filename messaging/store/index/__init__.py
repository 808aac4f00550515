"""The search index: postings of blind tokens, and what every engine answers."""
