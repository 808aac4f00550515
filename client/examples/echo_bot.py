"""A bot that answers in every room that it is in: `!echo plums` is answered with `plums`.

It survives restarts: its keys and all that it verified are in the folder `echo-bot`. Run it with a
token of a bot (`sotto bot create NAME`), and with links to the rooms that it shall join:

    SOTTO_BOT_TOKEN=… python echo_bot.py https://chat.example.org 'https://chat.example.org/i#1.…'
"""

import asyncio
import os
import sys

from sotto import Client, ProfileDir


async def main(server: str, *links: str) -> None:
    async with Client(server, profile_dir=ProfileDir("echo-bot")) as bot:
        await bot.account.log_in_bot(os.environ["SOTTO_BOT_TOKEN"])
        for link in links:
            await bot.rooms.join(link)  # may be repeated
        async for message in bot.messages.receive():
            if message.uid != bot.me.uid and message.text.startswith("!echo "):
                await bot.messages.send(message.room, message.text[6:], re=message)


asyncio.run(main(*sys.argv[1:]))
