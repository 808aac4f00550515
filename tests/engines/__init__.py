"""Real servers that tests start by themselves, or are given by their addresses."""
