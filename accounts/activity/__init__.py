"""Figures of the site by day, for the charts of the admin: counts, of nobody in particular."""
