#!/bin/sh
# Make what compose.yaml needs to be secret, in deploy/secrets/; what is there already stays.
#
# The folder is closed to other users of this machine. The files in it are not: each container sees
# only those it is given, under a user of its own.
set -eu
cd "$(dirname "$0")"
umask 022
mkdir -p secrets
chmod 0700 secrets

keep() { # name: standard input becomes its content, unless it has one
    cat > "secrets/$1.new"
    if [ -s "secrets/$1" ]; then rm "secrets/$1.new"; else mv "secrets/$1.new" "secrets/$1"; fi
}
made() { # a password that needs no quoting anywhere
    openssl rand -hex 24
}

openssl rand -base64 48 | tr -d '\n' | keep secret_key
openssl rand -base64 756 | keep mongo_key
openssl genrsa 3072 2> /dev/null | keep summary_key
printf '' | keep openai_api_key # yours, if there is to be one
printf root | keep mongo_root_name
made | keep mongo_root_password
made | keep postgres_password
made | keep redis_password
printf 'postgres://sotto:%s@postgres:5432/sotto' "$(cat secrets/postgres_password)" \
    | keep database_url
printf 'redis://:%s@redis:6379/0' "$(cat secrets/redis_password)" | keep redis_url
printf 'mongodb://sotto:%s@mongo-1,mongo-2,mongo-3/?replicaSet=rs0&authSource=sotto' "$(made)" \
    | keep mongodb_url
echo "deploy/secrets holds what the site needs. Keep a copy where you keep backups' keys."
