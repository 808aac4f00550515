"""Passkeys (WebAuthn): a second factor beside the password, and a way to sign in without it."""
