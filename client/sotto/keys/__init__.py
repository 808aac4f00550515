"""Own keys, whom one trusts, and the keys of rooms: handed over and rotated."""
