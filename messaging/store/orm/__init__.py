"""The embedded engine: one table, on Django's database."""
