"""What apps above rooms must act on. Each is sent with `room_id`, inside the transaction."""

from django.dispatch import Signal

room_closed = Signal()  # for good: messages go
search_off = Signal()  # the room is now searched on devices only: tokens go
