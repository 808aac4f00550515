#!/bin/sh
# Put a backup of deploy/backup.sh in place of what is there: deploy/restore.sh FOLDER. Stop every
# process of the site before. It reads the same variables. What came after the backup is gone, and
# people's browsers will say so: read "Restoring" in docs/operations.md first.
set -eu
umask 077
from=$1
data=${SOTTO_DATA:-data}
mkdir -p "$data"

case "${DATABASE_URL:-}" in
    postgres*)
        pg_restore --clean --if-exists --no-owner --exit-on-error --single-transaction \
            --dbname="$DATABASE_URL" "$from/rooms.pgdump"
        ;;
    *)
        rm -f "$data/sotto.sqlite3-wal" "$data/sotto.sqlite3-shm"
        cp "$from/rooms.sqlite3" "$data/sotto.sqlite3"
        ;;
esac

if [ -n "${MONGODB_URL:-}" ]; then
    mongorestore --quiet --uri="$MONGODB_URL" --drop --gzip --archive="$from/messages.archive"
fi

if [ -f "$from/files.tar" ]; then
    rm -rf "$data/files"
    tar -C "$data" -xf "$from/files.tar"
fi
if [ -d "$from/secrets" ]; then
    mkdir -p "$data/secrets"
    cp -R "$from/secrets/." "$data/secrets/"
fi
