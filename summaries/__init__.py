"""AI summaries that the server cannot read: sealed requests, a worker, a sealed cache.

The wire formats are in docs/protocol.md ("AI summaries"). Rooms carry the policy already;
the worker and its pages are not built in this version, and `ai` policies other than "off" do
nothing yet.
"""
