"""Exports of rooms as files."""
