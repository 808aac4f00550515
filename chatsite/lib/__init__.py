"""Code that every app may use and that knows no app: wire formats, errors, the live bus."""
