"""TLS: which certificates are trusted, and what a failed connection says of them."""

from __future__ import annotations

import os
import ssl

OWN_AUTHORITY = "If it comes from an authority of your own, name that with --ca or SOTTO_CA."


def context_with(ca_file: str | os.PathLike[str]) -> ssl.SSLContext:
    """A context that trusts the system's authorities and those of one PEM file.

    Raises:
        OSError: the file cannot be read, or holds no certificate.
    """
    context = ssl.create_default_context()
    context.load_verify_locations(ca_file)
    return context


def problem_of(error: BaseException) -> str | None:
    """A sentence about why TLS failed; None if the error is of another kind."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return (
                f"The server's certificate is not accepted: {cause.verify_message}. {OWN_AUTHORITY}"
            )
        if isinstance(cause, ssl.SSLError):
            return f"The connection could not be encrypted: {cause.reason or 'TLS failed'}."
        cause = cause.__cause__ or cause.__context__
    return None
