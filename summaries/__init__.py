"""AI summaries that the server cannot read: sealed requests, a worker, a sealed cache.

The wire formats are in docs/protocol.md ("AI summaries"). Everything here but `worker/` handles
opaque boxes; `worker/` holds the one private key that opens a request, and is imported by
Celery's process (or thread) alone.
"""
