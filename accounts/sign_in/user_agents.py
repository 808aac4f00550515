"""The browser and network of a sign-in, as its account's settings list them.

Kept coarse: enough to recognise a sign-in, too little to follow anybody.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address, ip_network

# The first that fits: most browsers name others, too.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrom", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)
PROGRAM = re.compile(r"[A-Za-z][A-Za-z0-9_.+-]{0,31}")


@dataclass(frozen=True, slots=True)
class Place:
    """`agent` as "Firefox on Linux"; `address` as "192.0.2.0/24". Either may be empty."""

    agent: str = ""
    address: str = ""


def place_of(user_agent: str, address: str) -> Place:
    """From a User-Agent header and an address, whatever they hold."""
    return Place(agent=_agent(user_agent), address=_network(address))


def _agent(text: str) -> str:
    if not text.startswith("Mozilla/"):
        program = PROGRAM.match(text)
        return program.group() if program else ""
    browser = next((name for sign, name in BROWSERS if sign in text), "")
    system = next((name for sign, name in SYSTEMS if sign in text), "")
    return " on ".join(filter(None, (browser, system)))


def _network(text: str) -> str:
    try:
        address = ip_address(text)
    except ValueError:
        return ""
    if not isinstance(address, IPv4Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    bits = 24 if address.version == 4 else 48
    return str(ip_network(f"{address}/{bits}", strict=False))
