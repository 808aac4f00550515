"""The files of a room's profile: its avatar."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.dispatch import receiver

from chatsite.lib.errors import Refused
from messaging.files.models import PROFILE, File
from messaging.files.removal import remove
from rooms.signals import profile_named


@receiver(profile_named)
def claim_for_profile(
    sender: Any, room_id: str, uid: str, files: tuple[str, ...], **kwargs: Any
) -> None:
    """Runs in the transaction of the profile's event, which a missing file rolls back."""
    there = File.objects.filter(room=room_id)
    free = Q(message=PROFILE) | Q(message=None, uploader=uid)
    if there.filter(free, file_id__in=files).update(message=PROFILE) < len(files):
        raise Refused("That file does not exist, or you may not use it.", code="bad_files")
    remove(there.filter(message=PROFILE).exclude(file_id__in=files))
