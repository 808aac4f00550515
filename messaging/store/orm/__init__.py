"""The embedded engine: one table, on whatever database Django has."""
