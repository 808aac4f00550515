"""Incoming webhooks: receives requests, keeps them, and sends them as messages."""
