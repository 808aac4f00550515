"""Rooms: the signed log, members and roles, invitations, wrapped keys. Never a plaintext key."""
