"""Measurements, never asserted in tests: see README.md."""
