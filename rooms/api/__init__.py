"""REST: rooms, their log, invitations and requests to join."""
