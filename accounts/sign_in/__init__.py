"""Sign-ins of browsers and programs, and the tokens of the latter."""
