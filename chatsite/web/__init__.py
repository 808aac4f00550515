"""Layers that every request passes."""
