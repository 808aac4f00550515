"""The end-to-end protocol (docs/protocol.md): pure functions of bytes and keys, no network."""
