"""Reports of abuse: one message each, sealed to those who handle it. The server has no key."""
