"""Which bytes a site should serve: a signed manifest of a release.

It covers every page and static file of one build in one language, and proves what its signer
published. The comparison with a site (site_comparison.py) proves what a server answered just now to
the person who asked: the server may answer others differently.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sotto.protocol.encoding import WireError, field_of, strict_json
from sotto.protocol.signing import verify

TYPE = "site-release"
LOCATION = "/.well-known/sotto-release.json"
NOT_COVERED = (
    "/admin/",
    "/api/",
    "/site.json",
    "/site-icon/",
    "/manifest.webmanifest",
    "/favicon.ico",
    "/robots.txt",
    "/.well-known/",
    "legal texts",
    "error pages",
)
"""Answers that differ by site or person, or that hold no code of chats."""
FIELDS = ("version", "commit", "language", "build")
HEADERS = (
    # what bytes are
    "content-type",
    "content-disposition",
    "x-content-type-options",
    "vary",
    # what scripts may do, and who may hold or embed the page
    "content-security-policy",
    "permissions-policy",
    "document-policy",
    "origin-trial",
    "referrer-policy",
    "service-worker-allowed",
    "cross-origin-embedder-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "x-frame-options",
    # what loads, opens or deletes something else, marks visitors, or tells others of them
    "link",
    "refresh",
    "speculation-rules",
    "sourcemap",
    "clear-site-data",
    "set-cookie",
    "content-security-policy-report-only",
    "nel",
    "report-to",
    "reporting-endpoints",
)
"""The headers of an answer that are compared: one that a manifest does not have may not come."""


PACKED = {"", "accept-encoding"}


@dataclass(frozen=True)
class SiteFile:
    """One answer of a site, as the manifest names it."""

    path: str
    sha256: str
    size: int
    headers: dict[str, str]


@dataclass(frozen=True)
class SiteRelease:
    """A manifest whose signature is valid."""

    version: str
    commit: str
    language: str
    build: str
    languages: tuple[str, ...]
    """Those that the site has; the first is for browsers that ask for none of them."""
    files: tuple[SiteFile, ...]

    @classmethod
    def parse(cls, signed: bytes, key: bytes) -> SiteRelease:
        """Read a manifest, and verify that the owner of `key` signed it.

        Args:
            signed: JSON with `body` (the manifest's own JSON, as signed) and `sig`.
            key: the raw Ed25519 public key, 32 bytes.

        Raises:
            WireError: it is no manifest, or another key signed it.
        """
        try:
            outer = strict_json(signed.decode())
        except UnicodeDecodeError:
            raise WireError("a manifest that is not text") from None
        body = field_of(outer, "body", str)
        verify(key, TYPE, body, field_of(outer, "sig", str))
        found = strict_json(body)
        files = tuple(map(_file, field_of(found, "files", list)))
        if field_of(found, "v", int) != 1 or not files:
            raise WireError("a manifest of another version")
        languages = tuple(field_of(found, "languages", list))
        if not languages or not all(type(one) is str for one in languages):
            raise WireError("a manifest without languages")
        version, commit, language, build = (field_of(found, name, str) for name in FIELDS)
        return cls(version, commit, language, build, languages, files)


def _file(value: Any) -> SiteFile:
    path, size = field_of(value, "path", str), field_of(value, "size", int)
    headers = field_of(value, "headers", dict)
    if not path.startswith("/") or path.startswith("//"):
        raise WireError("a path that leads to another site")
    if not all(type(text) is str for text in headers.values()) or headers.keys() - set(HEADERS):
        raise WireError("a header that is not compared")
    return SiteFile(path, field_of(value, "sha256", str), size, headers)


def release_body(about: Mapping[str, Sequence[str]], files: list[SiteFile]) -> str:
    """The JSON text that is signed. `about` has the texts that FIELDS names, and `languages`."""
    listed = [
        {"path": one.path, "sha256": one.sha256, "size": one.size, "headers": one.headers}
        for one in sorted(files, key=lambda file: file.path)
    ]
    value = {"sotto": TYPE, "v": 1, **about, "files": listed, "not_covered": NOT_COVERED}
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def compared_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of an answer that are compared, each where it has any value.

    The directives of a content security policy have no order; servers write them in any. Of a type
    neither case nor spaces matter. That packed copies vary goes without saying.
    """
    found = {name: headers[name] for name in HEADERS if headers.get(name)}
    if varies := {one.strip().lower() for one in found.pop("vary", "").split(",")} - PACKED:
        found["vary"] = ", ".join(sorted(varies))
    if policy := found.get("content-security-policy"):
        found["content-security-policy"] = "; ".join(
            sorted(directive.strip() for directive in policy.split(";"))
        )
    if kind := found.get("content-type"):
        found["content-type"] = kind.lower().replace(" ", "")
    return found
