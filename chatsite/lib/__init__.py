"""What every app may use and what knows no app: wire formats, errors, the live bus."""
