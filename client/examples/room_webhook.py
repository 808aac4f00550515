"""Posts what happens to a room to an address of yours: who came and went, roles, policy, its end.

It is a bot of the room's owner on a machine of theirs, and posts what the room's verified log says:
ids, kinds and times, signed as the site's own `EVENT_WEBHOOK` is. Messages are not in it.

    SOTTO_BOT_TOKEN=… HOOK_SECRET=… python room_webhook.py https://chat.example.org \
        'https://chat.example.org/i#1.…' https://hooks.example.org/sotto

The number of the last event that the address has taken is in the file `room_webhook.state`:
nothing is left out over a restart, and an event may come twice. The first run begins with what
happens from then on.
"""

import asyncio
import hmac
import json
import os
import sys
import time
import urllib.request
from pathlib import Path

from sotto import Client, ProfileDir, Room

STATE = Path("room_webhook.state")
EVERY = float(os.environ.get("HOOK_EVERY", "30"))  # seconds


def post_new(room: Room, address: str) -> None:
    """Post the events that the address has not taken yet."""
    if not STATE.exists():
        STATE.write_text(str(room.log_seq))
    for signed in room.events[int(STATE.read_text()) + 1 :]:
        event = json.loads(signed["event"])
        told = {"kind": f"room.{event['t']}", "room": room.id, "seq": event["seq"]}
        told |= {"by": event["by"], "account": event.get("uid", ""), "ts": event["ts"]}
        post(address, json.dumps(told).encode())
        STATE.write_text(str(event["seq"]))


def post(address: str, body: bytes) -> None:
    now = int(time.time())
    secret = os.environ["HOOK_SECRET"].encode()
    mac = hmac.new(secret, f"{now}.".encode() + body, "sha256").hexdigest()
    headers = {"Content-Type": "application/json", "Sotto-Signature": f"t={now},v1={mac}"}
    urllib.request.urlopen(urllib.request.Request(address, body, headers), timeout=10).close()


async def main(server: str, link: str, address: str) -> None:
    async with Client(server, profile_dir=ProfileDir("room-webhook")) as bot:
        await bot.account.log_in_bot(os.environ["SOTTO_BOT_TOKEN"])
        room = await bot.rooms.join(link)
        while True:
            loaded = await bot.rooms.open(room)  # fetches what is new, and verifies it
            try:
                await asyncio.to_thread(post_new, loaded, address)
            except OSError as problem:  # not taken: it is posted again
                sys.stderr.write(f"The address did not take an event: {problem}\n")
            await asyncio.sleep(EVERY)


asyncio.run(main(*sys.argv[1:]))
