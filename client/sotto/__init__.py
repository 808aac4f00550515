"""Sotto's end-to-end protocol and a client for its server (docs/protocol.md).

The protocol's core (`encoding` … `tokens`) is pure: bytes and keys in, bytes and verdicts out.
`api` and `session` speak to a server and believe nothing of it that the core has not verified.
"""
