"""A monitor for cron: says once when a disk becomes too full, and once when it is well again.

    sotto hook add monitor Operations
    sotto serve-hook
    */5 * * * *  SOTTO_HOOK_SECRET=… python monitor_disk.py http://127.0.0.1:8765/monitor / 90

What it has said last is in the file `monitor_disk.state`. Nothing is said to have been said before
the hook has taken it, so that a message is tried again at the next run.
"""

import os
import shutil
import socket
import sys
import urllib.request
from pathlib import Path

STATE = Path("monitor_disk.state")


def main(url: str, disk: str, most: str) -> None:
    used = shutil.disk_usage(disk)
    percent = round(100 * used.used / used.total)
    state = "full" if percent >= int(most) else "well"
    if state == (STATE.read_text() if STATE.exists() else "well"):
        return
    text = f"{socket.gethostname()}: {disk} is at {percent} % ({state}, limit {most} %)."
    headers = {
        "Authorization": f"Bearer {os.environ['SOTTO_HOOK_SECRET']}",
        "Content-Type": "text/plain",
    }
    request = urllib.request.Request(url, text.encode(), headers)
    urllib.request.urlopen(request, timeout=10).close()
    STATE.write_text(state)


main(*sys.argv[1:])
