"""Pages of rooms. They hold no content: scripts fetch ciphertext and decrypt it.

The page of every room is the same bytes, also of one that does not exist: who may open a room,
only the API tells.
"""

from chatsite.lib.pages import page

home = page("home.html")
room_list = page("rooms/list.html")
room_new = page("rooms/new.html")
room = page("rooms/room.html")
invite = page("rooms/invite.html")
