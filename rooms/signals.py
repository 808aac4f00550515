"""Signals for the apps above rooms. Each is sent with `room_id`, inside the transaction unless it
says otherwise."""

from django.dispatch import Signal

room_closed = Signal()  # for good: messages go
profile_named = Signal()  # also `uid` and `files`: ids of files that are the profile's from now on
disclosing = Signal()  # also `last`: seq of the newest message that is to be shown
search_off = Signal()  # the room is now searched on devices only: tokens go
messages_gone = Signal()  # also `seqs`, erased, or `before`: expired, all below; after the fact
