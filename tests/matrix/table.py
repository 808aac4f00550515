"""Who may do what: the one table that the tests of the permission matrix compare the site with.

Every route of the resolver, every type of event in a room's log, every frame of the socket and
every model of the admin has a row here, or a test fails. An outcome is one of

    yes   allowed: whatever the answer says of the request, it is no refusal of the person
    in    401 from the API; a page leads to the sign-in
    set-up
          a page leads to where a second factor is set up
    acc   403 `not_accepted`: answer the request first
    400, 403, 404, 410
          refused with this status
"""

from __future__ import annotations

ROLES = """
anonymous   not signed in
visitor     not signed in, holds an open invitation link
stranger    has an account, and nothing to do with the room
invited     holds an open invitation link, has not joined
asked       was added by name, has not answered the request
blocked     was added by name, and blocks who added them
removed     was a member, holds a link that ended with the removal
member      joined by the link
moderator   joined by the link, leads
owner       made the room
staff       an auditor in the admin, is in no room
superuser   an administrator in the admin, is in no room
"""

CLASSES = """
          anonymous visitor stranger invited asked blocked removed member moderator owner staff superuser
public    yes       yes     yes      yes     yes   yes     yes     yes    yes       yes   yes   yes
nobody    404       404     404      404     404   404     404     404    404       404   404   404
own       in        in      yes      yes     yes   yes     yes     yes    yes       yes   yes   yes
reader    in        in      404      404     yes   404     404     yes    yes       yes   404   404
log       in        in      404      404     yes   404     yes     yes    yes       yes   404   404
member    in        in      404      404     acc   404     404     yes    yes       yes   404   404
live      in        in      404      404     404   404     404     yes    yes       yes   404   404
leader    in        in      404      404     acc   404     404     403    yes       yes   404   404
owner     in        in      404      404     acc   404     404     403    403       yes   404   404
leaver    in        in      404      404     yes   404     404     yes    yes       403   404   404
heir      in        in      404      404     acc   404     404     yes    403       in    404   404
preview   404       yes     404      yes     404   404     410     yes    yes       yes   404   404
link      in        in      404      yes     404   404     410     yes    yes       yes   404   404
holder    in        in      404      yes     404   404     yes     yes    yes       yes   404   404
entrant   in        in      404      yes     404   404     410     400    400       400   404   404
joined    in        in      404      404     404   404     404     yes    yes       404   404   404
"""  # noqa: E501 (a table)

# Beside what is public, where people are let in who lack the second factor that everybody needs.
BEFORE_SECOND_FACTOR = {
    "GET /api/v1/me/second_factor",
    "POST /api/v1/me/second_factor",
    "POST /api/v1/me/second_factor/secret",
    "POST /api/v1/me/second_factor/passkeys",
    "POST /api/v1/me/second_factor/passkeys/options",
    "POST /api/v1/auth/logout",
    "POST /api/v1/auth/sso/back-channel-logout",
}

# "ANY" stands for every method. A method that is not named is refused to everybody.
ROUTES = """
/                                                       GET public
/site.json                                              GET public
/sw.js                                                  GET public
/manifest.webmanifest                                   GET public
/site-icon/<slug:version>.png                           GET nobody
/favicon.ico                                            GET public
/reports/policy/                                        POST public
/robots.txt                                             GET public
/.well-known/change-password                            GET public
/.well-known/security.txt                               GET nobody
/.well-known/sotto-release.json                         GET nobody
/rooms/                                                 GET public
/rooms/new/                                             GET public
/rooms/<str:room>/                                      GET public
/i                                                      GET public
/accounts/login/                                        GET public  POST public
/accounts/signup/                                       GET public  POST public
/accounts/logout/                                       GET public  POST public
/accounts/inactive/                                     GET public
/accounts/passkey/                                      POST public
/accounts/passkey/options/                              POST public
/accounts/sso/                                          GET public  POST nobody
/accounts/sso/callback/                                 GET public
/accounts/sso/code/                                     POST public
/reset                                                  GET public
/keys/                                                  GET public
/settings/                                              GET public
/settings/sessions/                                     GET public
/settings/second-factor/                                GET public
/settings/bots/                                         GET public
/settings/password/                                     GET public

/api/v1/auth/register                                   POST public
/api/v1/auth/register/look                              POST public
/api/v1/auth/login                                      POST public
/api/v1/auth/bot                                        POST public
/api/v1/auth/passkey                                    POST public
/api/v1/auth/passkey/options                            POST public
/api/v1/auth/sso/back-channel-logout                    POST nobody
/api/v1/auth/refresh                                    POST public
/api/v1/auth/logout                                     POST own
/api/v1/auth/reset                                      POST public
/api/v1/auth/reset/ask                                  POST public
/api/v1/auth/reset/look                                 POST public
/api/v1/me                                              GET own
/api/v1/me/password                                     POST own
/api/v1/me/sessions                                     GET own     DELETE own
/api/v1/me/sessions/<str:session>                       DELETE own
/api/v1/me/second_factor                                GET own     POST own
/api/v1/me/second_factor/secret                         POST own
/api/v1/me/second_factor/codes                          POST own
/api/v1/me/second_factor/off                            POST own
/api/v1/me/second_factor/passkeys                       POST own
/api/v1/me/second_factor/passkeys/options               POST own
/api/v1/me/second_factor/<int:factor>                   PUT own
/api/v1/me/second_factor/<int:factor>/remove            POST own
/api/v1/me/bots                                         GET own     POST own
/api/v1/me/bots/<str:bot>                               DELETE own
/api/v1/me/bots/<str:bot>/tokens                        POST own
/api/v1/me/bots/<str:bot>/tokens/<str:token>            DELETE own
/api/v1/me/sso                                          GET own     POST own
/api/v1/me/delete                                       POST own
/api/v1/identities                                      GET own     POST own
/api/v1/users/<str:name>                                GET own
/api/v1/kit                                             GET own     PUT own     DELETE own
/api/v1/blocks                                          GET own
/api/v1/blocks/<str:uid>                                PUT own     DELETE own
/api/v1/site                                            GET own
/api/v1/report_key                                      GET own
/api/v1/schema                                          GET public
/api/v1/docs                                            GET public

/api/v1/chatrooms                                       GET own     POST own
/api/v1/chatrooms/<str:room>                            GET reader  PUT leader  DELETE reader
/api/v1/chatrooms/<str:room>/log                        GET log     POST member
/api/v1/chatrooms/<str:room>/invite                     POST leader
/api/v1/chatrooms/<str:room>/invites                    GET reader
/api/v1/chatrooms/<str:room>/keys                       GET reader
/api/v1/chatrooms/<str:room>/wraps                      GET reader  POST member
/api/v1/chatrooms/<str:room>/key_request                POST member
/api/v1/chatrooms/<str:room>/boxes                      POST member
/api/v1/chatrooms/<str:room>/accept                     POST reader
/api/v1/chatrooms/<str:room>/knock                      POST member
/api/v1/chatrooms/<str:room>/knocks                     GET reader
/api/v1/chatrooms/<str:room>/knocks/<str:uid>           DELETE leader
/api/v1/chatrooms/join/<str:iid>                        GET preview POST entrant
/api/v1/chatrooms/join/<str:iid>/items                  GET joined
/api/v1/chatrooms/join/<str:iid>/knock                  GET holder  POST link
/api/v1/chatrooms/<str:room>/messages                   GET reader
/api/v1/chatrooms/<str:room>/messages/<int:seq>/stored  GET reader
/api/v1/chatrooms/<str:room>/refs                       GET reader
/api/v1/chatrooms/<str:room>/unread                     GET reader
/api/v1/chatrooms/<str:room>/reports                    GET leader  POST reader
/api/v1/chatrooms/<str:room>/reports/<str:rid>          POST leader
/api/v1/chatrooms/<str:room>/files                      GET reader
/api/v1/chatrooms/<str:room>/files/<str:file>           GET reader  PUT member
/api/v1/chatrooms/<str:room>/search                     POST reader
/api/v1/chatrooms/<str:room>/tokens                     GET reader  POST member
/api/v1/chatrooms/<str:room>/summary                    GET reader  POST member
/api/v1/chatrooms/<str:room>/summary/cache              POST member
/api/v1/chatrooms/<str:room>/summary/<str:rid>          GET reader  DELETE reader

/healthz                                                GET public
/readyz                                                 GET public
/metrics                                                GET nobody
"""

# Writes below a room that go on while the operator has stopped it: the ways out, and what members
# need to read. Every other one is refused with `room_stopped`.
WHILE_STOPPED = """
DELETE /api/v1/chatrooms/<str:room>
POST   /api/v1/chatrooms/<str:room>/wraps
POST   /api/v1/chatrooms/<str:room>/key_request
DELETE /api/v1/chatrooms/<str:room>/knocks/<str:uid>
POST   /api/v1/chatrooms/<str:room>/search
POST   /api/v1/chatrooms/<str:room>/reports
POST   /api/v1/chatrooms/<str:room>/reports/<str:rid>
DELETE /api/v1/chatrooms/<str:room>/summary/<str:rid>
"""
EVENTS_WHILE_STOPPED = ("leave", "close")

# What a bot may do, and the scope that its token needs. Everything else that takes a sign-in is
# refused to it with `scope`.
BOTS = """
/api/v1/me                                              GET read
/api/v1/identities                                      GET read  POST read
/api/v1/users/<str:name>                                GET read
/api/v1/site                                            GET read
/api/v1/blocks                                          GET read
/api/v1/chatrooms                                       GET read  POST rooms
/api/v1/chatrooms/<str:room>                            GET read  PUT rooms  DELETE rooms
/api/v1/chatrooms/<str:room>/log                        GET read  POST rooms
/api/v1/chatrooms/<str:room>/invite                     POST rooms
/api/v1/chatrooms/<str:room>/invites                    GET read
/api/v1/chatrooms/<str:room>/keys                       GET read
/api/v1/chatrooms/<str:room>/wraps                      GET read  POST read
/api/v1/chatrooms/<str:room>/key_request                POST read
/api/v1/chatrooms/<str:room>/boxes                      POST read
/api/v1/chatrooms/<str:room>/accept                     POST rooms
/api/v1/chatrooms/<str:room>/knock                      POST rooms
/api/v1/chatrooms/<str:room>/knocks                     GET read
/api/v1/chatrooms/<str:room>/knocks/<str:uid>           DELETE rooms
/api/v1/chatrooms/join/<str:iid>                        GET read  POST rooms
/api/v1/chatrooms/join/<str:iid>/items                  GET read
/api/v1/chatrooms/join/<str:iid>/knock                  GET read  POST rooms
/api/v1/chatrooms/<str:room>/messages                   GET read
/api/v1/chatrooms/<str:room>/messages/<int:seq>/stored  GET read
/api/v1/chatrooms/<str:room>/refs                       GET read
/api/v1/chatrooms/<str:room>/unread                     GET read
/api/v1/chatrooms/<str:room>/files                      GET read
/api/v1/chatrooms/<str:room>/files/<str:file>           GET read  PUT send
/api/v1/chatrooms/<str:room>/search                     POST read
/api/v1/chatrooms/<str:room>/tokens                     GET read  POST send
/api/v1/chatrooms/<str:room>/summary                    GET read
/api/v1/chatrooms/<str:room>/summary/<str:rid>          GET read
"""

# Not in the resolver, unless DEBUG is on.
ABSENT = """
/demo/                                                  ANY nobody
/demo/keys/                                             ANY nobody
"""

# Some types have more than one row: it matters whom such an event is about.
EVENTS = """
create              own
profile             leader
invite              leader
revoke              leader
join                entrant
add                 leader
remove              leader
remove/moderator    owner
leave               leaver
role                owner
role/hand-over      owner
role/demote         owner
ban                 leader
successor           owner
succeed             heir
policy              owner
epoch               member
reset               leader
close               owner
disclose            member
"""

FRAMES = """
message_send    member
typing_start    live
typing_stop     live
read            live
resume          live
ping            own
"""

# What a superuser (administrator) may do; staff (auditors) may view.
ADMIN_MODELS = """
accounts.user           view change delete
accounts.signin         view delete
accounts.storageuse     view
accounts.accountlink    view delete
accounts.bottoken       view delete
accounts.auditentry     view
accounts.intrusionsignal view
accounts.sitesettings   view change
admin.logentry          view
rooms.room              view
rooms.member            view
rooms.invitation        view
rooms.logevent          view
rooms.wrap              view
messaging.roommessages  view
messaging.file          view
messaging.report        view
"""

# `member` is no staff: signing out leads them back to the admin's door. Those with a star lack the
# second factor that the site asks of every role; the others with a role have it.
ADMIN_PAGES = """
                                                   anonymous member staff helper superuser staff* helper* superuser*
/admin/                                            in        in     yes   yes    yes       in     in      in
/admin/login/                                      in        403    yes   yes    yes       set-up set-up  set-up
/admin/logout/                                     302       302    yes   yes    yes       302    302     302
/admin/password_change/                            in        in     yes   yes    yes       in     in      in
/admin/password_change/done/                       in        in     yes   yes    yes       in     in      in
/admin/autocomplete/                               in        in     403   403    403       in     in      in
/admin/jsi18n/                                     in        in     yes   yes    yes       in     in      in
/admin/r/<path:content_type_id>/<path:object_id>/  in        in     404   404    404       in     in      in
/admin/<app_label>/                                in        in     yes   yes    yes       in     in      in
/admin/<url>                                       in        in     404   404    404       in     in      in
"""  # noqa: E501 (a table)


def read(text: str) -> dict[str, list[str]]:
    """The rows of a table: the first word of each line, and the others."""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    rows = {first: rest for first, *rest in lines}
    assert len(rows) == len(lines), "a row stands here twice"
    return rows


def with_columns(text: str) -> dict[str, dict[str, str]]:
    """The rows of a table whose first line names its columns."""
    head, rest = text.strip("\n").split("\n", 1)
    columns = head.split()
    return {name: dict(zip(columns, cells, strict=True)) for name, cells in read(rest).items()}


METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def methods(cells: list[str]) -> dict[str, str]:
    """Method -> class of a row of ROUTES."""
    found = dict(zip(cells[::2], cells[1::2], strict=True))
    return dict.fromkeys(METHODS, found["ANY"]) if "ANY" in found else found
