"""The command that compares a site with a signed release."""

from __future__ import annotations

from argparse import Namespace
from contextlib import AsyncExitStack
from pathlib import Path

import httpx2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from sotto.api import ApiError
from sotto.cli.context import logged_in
from sotto.cli.terminal import UsageError, say
from sotto.protocol.encoding import WireError, unb64
from sotto.site_release import LOCATION, MOST, NOT_COVERED, TIMEOUT, SiteRelease, differences

UNREACHABLE = "The site cannot be reached. Check the address and try again."


class DifferentSite(Exception):
    """The site serves something else than the release."""


async def verify_site(given: Namespace) -> None:
    """compare every page and script of a site with a signed release

    Signed out first; with --profile also as the profile's account. Each difference is named, and
    the exit code is 1 then. It proves what the site answers here and now: it may answer others
    differently.
    """
    release = SiteRelease.parse(await _manifest(given), _public_key(given.key))
    say(
        f"Release {release.version} ({release.commit}), build {release.build}, "
        f"language {release.language}: {len(release.files)} files."
    )
    found = await _compare(given, release)
    say(f"Not covered: {', '.join(NOT_COVERED)}.")
    if found:
        raise DifferentSite(f"This site differs from the release in {found} answers.")
    say("Everything that was compared is the same.")


async def _compare(given: Namespace, release: SiteRelease) -> int:
    """Return the number of answers that differ. Each is printed."""
    found = 0
    async with AsyncExitStack() as stack:
        askers = [("signed out", "")]
        if given.profile:
            given.server = given.url
            client = await stack.enter_async_context(logged_in(given))
            askers.append((f"as {client.me.name}", client.session.api.access))
        for who, access in askers:
            try:
                async for line in differences(given.url, release, access=access):
                    say(f"{line} ({who})")
                    found += 1
            except httpx2.TransportError:
                raise ApiError("unavailable", UNREACHABLE) from None
    return found


async def _manifest(given: Namespace) -> bytes:
    """The manifest's bytes: of a file, or of the site that is compared. Its signature decides."""
    if given.manifest:
        return _read(given.manifest)
    try:
        async with httpx2.AsyncClient(timeout=TIMEOUT) as http:
            answer = await http.get(given.url.rstrip("/") + LOCATION)
    except (httpx2.TransportError, httpx2.InvalidURL):
        raise ApiError("unavailable", UNREACHABLE) from None
    if answer.status_code != 200 or len(answer.content) > MOST:
        raise UsageError("This site publishes no manifest. Name the release's with --manifest.")
    return answer.content


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None


def _public_key(text: str) -> bytes:
    """A raw public key, from base64url or from a PEM file.

    Raises:
        UsageError: it is neither.
    """
    try:
        return unb64(text, 32)
    except WireError:
        pass
    try:
        key = load_pem_public_key(Path(text).read_bytes())
    except (OSError, ValueError):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise UsageError("--key takes an Ed25519 public key: base64url, or a PEM file.")
    return key.public_bytes_raw()
