"""Second factors: what they are, where they are asked for, and how their secrets are kept."""
