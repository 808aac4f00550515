"""The command that compares a site with a signed release."""

from __future__ import annotations

import random
import ssl
from argparse import Namespace
from pathlib import Path
from typing import Any

import httpx2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from sotto.api import ApiError
from sotto.browser_session import BrowserSession, browser_session
from sotto.cli.context import authority, logged_in
from sotto.cli.terminal import UsageError, say, second_factor, secret
from sotto.protocol.encoding import WireError, field_of, unb64
from sotto.room import Me
from sotto.site_comparison import MOST, TIMEOUT, differences, not_unpacked
from sotto.site_release import LOCATION, NOT_COVERED, SiteRelease

MOST_ROOMS = 50  # whose pages are compared; of more, some drawn by chance
UNREACHABLE = "The site cannot be reached. Check the address and try again."


class DifferentSite(Exception):
    """The site serves something else than the release."""


async def verify_site(given: Namespace) -> None:
    """compare every page and script of a site with a signed release

    Signed out first; with --profile also signed in as the profile's account, with a session of a
    browser that takes the password and ends afterwards. Each difference is named, and the exit
    code is 1 then. It proves what the site answers here and now: it may answer others
    differently.
    """
    release = SiteRelease.parse(await _manifest(given), _public_key(given.key))
    say(
        f"Release {release.version} ({release.commit}), build {release.build}, "
        f"language {release.language}: {len(release.files)} files."
    )
    found = await _compare(given, release)
    if lacking := not_unpacked():
        say(f"Not compared: answers packed as {', '.join(lacking)}, which cannot be unpacked here.")
    say(f"Not covered: {', '.join(NOT_COVERED)}.")
    if found:
        raise DifferentSite(f"This site differs from the release in {found} answers.")
    say("Everything that was compared is the same.")


async def _compare(given: Namespace, release: SiteRelease) -> int:
    """Return the number of answers that differ. Each is printed."""
    trusted = authority(given)
    try:
        found = await _print_differences(given.url, release, "signed out", trusted=trusted)
        if given.profile:
            found += await _compare_as_account(given, release, trusted)
    except (httpx2.TransportError, httpx2.InvalidURL):
        raise ApiError("unavailable", UNREACHABLE) from None
    return found


async def _compare_as_account(
    given: Namespace, release: SiteRelease, trusted: ssl.SSLContext | None
) -> int:
    """As a browser is answered in which the profile's account is signed in: pages count no tokens.
    Its sign-in ends here, too.
    """
    given.server = given.url
    async with logged_in(given) as client, browser_session(given.url, trusted) as browser:
        rooms = [field_of(room, "id", str) for room in await client.rooms.overview()]
        await _sign_in(browser, client.me)
        return await _print_differences(
            given.url,
            release,
            f"as {client.me.name}",
            cookies=browser.cookies,
            rooms=random.sample(rooms, min(len(rooms), MOST_ROOMS)),
            trusted=trusted,
        )


async def _sign_in(browser: BrowserSession, me: Me) -> None:
    """With the password, and a second factor where the site asks for one."""
    password = secret(f"Password for {me.name}: ", "SOTTO_PASSWORD")
    try:
        await browser.sign_in(me.name, password, me.uid)
    except ApiError as error:
        if error.code != "second_factor":
            raise
        await browser.sign_in(me.name, password, me.uid, second_factor())


async def _print_differences(url: str, release: SiteRelease, who: str, **options: Any) -> int:
    """Return the number of answers that differ."""
    found = 0
    async for line in differences(url, release, **options):
        say(f"{line} ({who})")
        found += 1
    return found


async def _manifest(given: Namespace) -> bytes:
    """The manifest's bytes: of a file, or of the site that is compared. Its signature decides."""
    if given.manifest:
        return _read(given.manifest)
    try:
        async with httpx2.AsyncClient(timeout=TIMEOUT, verify=authority(given) or True) as http:
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
