"""Who people are: users, their public identities, their sessions and tokens."""
