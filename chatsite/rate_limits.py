"""Rate limits of the site: (how many, per how many seconds). RATE_LIMITS changes single ones."""

DEFAULTS: dict[str, tuple[int, int]] = {
    "register": (100, 3600),  # an address: a class or an office signs up on one morning
    "register_invited": (300, 3600),  # the same, where each try needs an invitation link
    # An address, at one-time links: each person looks at theirs and uses it, 200 on one morning.
    # Their secrets have 256 bits, which nobody guesses.
    "reset_link": (900, 3600),
    "reset_ask": (10, 3600),  # an address, asking for such a link by mail
    "reset_name": (3, 3600),  # the same, of one name from anywhere
    "login": (10, 600),  # a name from one address
    "login_address": (30, 60),  # any names from it
    "login_name": (600, 3600),  # a name from anywhere
    "refresh": (60, 60),
    "bot_sign_in": (60, 60),  # an address, with bots' tokens, which nobody guesses
    "bots": (60, 3600),  # bots ended, tokens made and ended
    "bots_made": (25, 86_400),  # names of bots, which stay taken once the bot has ended
    "identity": (10, 3600),
    "reset": (5, 3600),
    "password": (10, 3600),  # a person who is signed in, asked for it again
    "passkey": (60, 60),  # an address, at challenges for a passkey, which names nobody
    "sso": (600, 600),  # an address, at single sign-on
    "people": (30, 60),
    "knock": (10, 60),
    "log": (30, 60),
    "log_epoch": (30, 60),  # rotations, which what others do makes necessary
    "log_safety": (120, 60),  # removals, demotions, bans, leaving: nothing else uses it up
    "hand_over": (60, 60),  # keys for other members, and what a rotation left undone
    "key_request": (30, 60),
    "invite_preview": (60, 60),  # an address, and a person
    "form_posts": (60, 60),  # of any form, from one address
    "slowed": (10, 60),  # an address in a network that is slowed down, not signed in
    "slowed_network": (60, 60),  # all addresses of such a network
    "policy_reports": (30, 60),  # an address, at reports of violations
    "schema": (30, 60),
    "frames": (600, 60),
    "messages": (240, 60),
    "files": (60, 60),
    "downloads": (600, 60),
    # Reads of many rows. High enough for a browser that opens 60 rooms, and for a program that
    # exports one: both wait when they are told to.
    "history": (600, 60),  # messages, and what changes them
    "rooms": (300, 60),  # the list of rooms, or one of them
    "room_log": (600, 60),
    "room_reads": (600, 60),  # a room's keys, wraps, links, knocks, files, summaries
    "account_reads": (300, 60),  # identities, blocks, sign-ins
    "admin": (1200, 60),  # pages of the admin, and what is done there
    "reads": (600, 60),  # whatever has no limit of its own
    "writes": (300, 60),
    "reports": (30, 3600),  # of abuse
    "search": (120, 60),
    "search_fill": (120, 60),
    "summary": (30, 3600),
    "summary_share": (60, 3600),
}

# Refused while nobody can count them: guessing passwords must not become free.
STRICT = frozenset(
    {
        "register",
        "register_invited",
        "reset_link",
        "reset_ask",
        "reset_name",
        "login",
        "login_address",
        "login_name",
        "identity",
        "reset",
        "password",
        "sso",
    }
)
