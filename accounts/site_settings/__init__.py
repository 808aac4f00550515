"""Settings that administrators change while the site runs: one row, read through a short cache.

One rule for all of them: what is set in the admin counts; where nothing is set there, the variable
of the environment does (`current.py`).
"""
