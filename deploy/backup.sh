#!/bin/sh
# Back up a running site: deploy/backup.sh FOLDER, which must not be there yet. It reads
# DATABASE_URL, MONGODB_URL, MONGODB_DATABASE and SOTTO_DATA, like the site.
#
# Messages first, then accounts and rooms, files last: whatever a part refers to is in a part that
# is newer. The tools' URLs can be seen in the list of processes: on a machine with other users
# leave passwords out of them (~/.pgpass, mongodump's --config).
set -eu
umask 077
to=$1
data=${SOTTO_DATA:-data}
mkdir "$to"

if [ -n "${MONGODB_URL:-}" ]; then
    mongodump --quiet --uri="$MONGODB_URL" --db="${MONGODB_DATABASE:-sotto}" \
        --readPreference=primary --gzip --archive="$to/messages.archive"
fi

case "${DATABASE_URL:-}" in
    postgres*) pg_dump --format=custom --file="$to/rooms.pgdump" "$DATABASE_URL" ;;
    *) "${PYTHON:-python3}" -c '
import sqlite3, sys
sqlite3.connect(sys.argv[1]).execute("VACUUM INTO ?", [sys.argv[2]])
' "$data/sotto.sqlite3" "$to/rooms.sqlite3" ;;
esac

if [ -d "$data/files" ]; then
    # 1 is a file that was deleted meanwhile.
    tar -C "$data" -cf "$to/files.tar" files || [ $? -eq 1 ]
fi
if [ -d "$data/secrets" ]; then
    cp -R "$data/secrets" "$to/secrets"
fi
