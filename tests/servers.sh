#!/bin/sh
# Starts a PostgreSQL and a MariaDB server, a moto server (AWS) and a SCIM server for the tests of `collect`, on loopback, in a folder of
# their own.
#
#   eval "$(tests/servers.sh start)"   start what is installed and export where it is
#   tests/servers.sh stop              end it and remove the folder
#
# With TICKMARK_REQUIRE_SERVERS=1 (as continuous integration sets it) a server that is not installed is an error.
# Servers refuse to run as root, so they run as `postgres` and `mysql` where the caller is root.
set -eu

HERE=${TICKMARK_TEST_SERVERS_DIR:-/tmp/tickmark-test-servers}
PG_PORT=${TICKMARK_TEST_POSTGRES_PORT:-5477}
MY_PORT=${TICKMARK_TEST_MARIADB_PORT:-3377}
MOTO_PORT=${TICKMARK_TEST_MOTO_PORT:-5577}
SCIM_PORT=${TICKMARK_TEST_SCIM_PORT:-8977}
PYTHON=${XDG_CACHE_HOME:-$HOME/.cache}/tickmark/python/bin

say() { echo "servers.sh: $*" >&2; }

missing() {
    say "$1 is not installed"
    if [ "${TICKMARK_REQUIRE_SERVERS:-0}" = 1 ]; then exit 1; fi
}

# Runs the rest as another user where we are root.
as() {
    user=$1
    shift
    if [ "$(id -u)" = 0 ]; then runuser -u "$user" -- "$@"; else "$@"; fi
}

own() {
    mkdir -p "$2"
    if [ "$(id -u)" = 0 ]; then chown "$1" "$2"; fi
}

pg_bin() {
    for folder in /usr/lib/postgresql/*/bin; do
        if [ -x "$folder/initdb" ]; then echo "$folder"; return; fi
    done
    if command -v initdb >/dev/null 2>&1; then dirname "$(command -v initdb)"; fi
}

start_postgres() {
    bin=$(pg_bin)
    if [ -z "$bin" ]; then missing PostgreSQL; return; fi
    data=$HERE/postgres
    own postgres "$data"
    if [ ! -f "$data/db/PG_VERSION" ]; then
        as postgres "$bin/initdb" -D "$data/db" -U tickmark -A trust -E UTF8 --locale=C.UTF-8 >"$HERE/initdb.log" 2>&1
    fi
    as postgres "$bin/pg_ctl" -D "$data/db" status >/dev/null 2>&1 ||
        as postgres "$bin/pg_ctl" -w -D "$data/db" -l "$data/log" \
        -o "-p $PG_PORT -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off" start >"$HERE/pg_ctl.log" 2>&1 ||
        { cat "$data/log" "$HERE/pg_ctl.log" >&2; exit 1; }
    url="postgres://tickmark@127.0.0.1:$PG_PORT/postgres"
    echo "export TICKMARK_TEST_POSTGRES_URL='$url?sslmode=disable'"
    echo "export TICKMARK_TEST_POSTGRES_CLIENT='$bin/psql -X -q -v ON_ERROR_STOP=1 $url -c'"
}

start_mariadb() {
    if ! command -v mariadbd >/dev/null 2>&1; then missing MariaDB; return; fi
    data=$HERE/mariadb
    own mysql "$data"
    user=$(if [ "$(id -u)" = 0 ]; then echo mysql; else id -un; fi)
    if [ ! -d "$data/db/mysql" ]; then
        mariadb-install-db --no-defaults --datadir="$data/db" --user="$user" --auth-root-authentication-method=normal \
            --skip-test-db >"$HERE/install.log" 2>&1 || { cat "$HERE/install.log" >&2; exit 1; }
    fi
    client="mariadb --no-defaults --default-character-set=utf8mb4 -h 127.0.0.1 -P $MY_PORT -u root"
    # Its own file says its number, for the day it is stopped.
    # The whole of it lets go of our standard output, else who reads that waits until the server ends.
    { $client -e 'SELECT 1' >/dev/null 2>&1 || as "$user" sh -c "exec mariadbd --no-defaults --datadir='$data/db' --bind-address=127.0.0.1 --port=$MY_PORT \
        --socket='$data/socket' --pid-file='$data/pid' >'$data/log' 2>&1"; } </dev/null >/dev/null 2>&1 &
    waited=0
    until $client -e 'SELECT 1' >/dev/null 2>&1; do
        waited=$((waited + 1))
        if [ $waited -gt 120 ]; then cat "$data/log" >&2; exit 1; fi
        sleep 0.5
    done
    $client -e 'CREATE DATABASE IF NOT EXISTS tickmark CHARACTER SET utf8mb4'
    echo "export TICKMARK_TEST_MARIADB_URL='mysql://root@127.0.0.1:$MY_PORT/tickmark?ssl-mode=disabled'"
    echo "export TICKMARK_TEST_MARIADB_CLIENT='$client tickmark -e'"
}

# A server that is a program of the Python environment: its name, its port, and its arguments.
start_python() {
    name=$1
    port=$2
    shift 2
    if [ ! -x "$PYTHON/$name" ]; then missing "$name"; return 1; fi
    answers() { "$PYTHON/python" -c "import socket; socket.create_connection(('127.0.0.1', $port), 1)" 2>/dev/null; }
    if ! answers; then
        "$PYTHON/$name" "$@" >"$HERE/$name.log" 2>&1 </dev/null &
        echo $! >"$HERE/$name.pid"
    fi
    waited=0
    until answers; do
        waited=$((waited + 1))
        if [ $waited -gt 120 ]; then cat "$HERE/$name.log" >&2; exit 1; fi
        sleep 0.5
    done
}

start_products() {
    start_python moto_server "$MOTO_PORT" -H 127.0.0.1 -p "$MOTO_PORT" &&
        echo "export TICKMARK_TEST_MOTO_URL='http://127.0.0.1:$MOTO_PORT'"
    start_python scim2-server "$SCIM_PORT" --hostname 127.0.0.1 --port "$SCIM_PORT" --bearer-token made-up &&
        echo "export TICKMARK_TEST_SCIM_URL='http://127.0.0.1:$SCIM_PORT/v2'"
    echo "export TICKMARK_TEST_PYTHON='$PYTHON/python'"
}

stop() {
    for name in moto_server scim2-server; do
        if [ -f "$HERE/$name.pid" ]; then kill "$(cat "$HERE/$name.pid")" 2>/dev/null || true; fi
    done
    bin=$(pg_bin)
    if [ -n "$bin" ] && [ -f "$HERE/postgres/db/postmaster.pid" ]; then
        as postgres "$bin/pg_ctl" -w -m fast -D "$HERE/postgres/db" stop >&2 || true
    fi
    if [ -f "$HERE/mariadb/pid" ]; then
        number=$(cat "$HERE/mariadb/pid")
        kill "$number" 2>/dev/null || true
        waited=0
        while kill -0 "$number" 2>/dev/null && [ $waited -lt 60 ]; do
            waited=$((waited + 1))
            sleep 0.5
        done
    fi
    rm -rf "$HERE"
}

case ${1:-} in
start)
    mkdir -p "$HERE"
    chmod 755 "$HERE"
    start_postgres
    start_mariadb
    start_products
    # From here on a test without its server fails instead of passing by.
    if [ "${TICKMARK_REQUIRE_SERVERS:-0}" = 1 ]; then echo "export TICKMARK_TEST_SERVERS=1"; fi
    ;;
stop) stop ;;
*)
    say "say start or stop"
    exit 2
    ;;
esac
