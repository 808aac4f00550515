"""Signals for the apps above rooms. Each is sent with `room_id`, inside the transaction unless it
says otherwise.
"""

from django.dispatch import Signal

room_closed = Signal()  # for good: messages are deleted
profile_named = Signal()  # also `uid` and `files`: ids of the profile's files
disclosing = Signal()  # also `last`: seq of the newest message to disclose
search_off = Signal()  # the room is now searched on devices only: tokens are deleted
messages_gone = Signal()  # also `seqs`, erased, or `before`: expired, all below; after the fact
