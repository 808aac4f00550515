"""What the site shows of itself, and what it must never show."""
