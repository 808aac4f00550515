"""REST: summaries of a room, and asking for one."""
