# A PostgreSQL server for tests, in a temporary folder of its own, for as long as somebody holds its standard input.
#
#   sh -c "$script" postgres "$script" "$password"
#
# It does as it is told there, line by line (`start`, `stop`), and answers each with a line: the folder of its socket, or `stopped`.
# At the end of the input, whatever became of who gave it, the server is stopped and the folder removed.
set -u
script=$1
password=$2
die() { printf 'PostgreSQL for the tests: %s\n' "$1" >&2; exit 1; }

# Debian keeps the server's commands out of PATH.
newest=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5 -n | tail -n 1)
PATH=$PATH:$(pg_config --bindir 2>/dev/null):$newest
command -v initdb >/dev/null && command -v pg_ctl >/dev/null \
    || die "there is no initdb and pg_ctl: install them (on Debian: apt-get install postgresql)"

# It does not run as root.
if [ "$(id -u)" = 0 ]; then
    user=postgres
    id -u postgres >/dev/null 2>&1 || user=nobody
    command -v setpriv >/dev/null || die "it does not run as root, and there is no setpriv: run the tests as another user"
    exec setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups sh -c "$script" postgres "$script" "$password"
fi

folder=$(mktemp -d "${TMPDIR:-/tmp}/marque-postgres.XXXXXX") || die "no folder can be made for it"
stop() {
    # At once: what was committed comes from its log when it starts again.
    [ ! -e "$folder/data/postmaster.pid" ] || pg_ctl stop --silent --mode immediate --pgdata "$folder/data" >/dev/null
}
trap 'stop; rm -rf "$folder"' EXIT
# What ends a whole group of processes ends this by the end of its input, so that the server is not left alone.
trap '' INT TERM HUP

# Nothing that is tested here outlives the machine: there is no need to wait for the disk.
options="-k '$folder' -c listen_addresses= -c fsync=off -c full_page_writes=off -c max_connections=200"
start() {
    pg_ctl start --silent --wait --pgdata "$folder/data" --log "$folder/log" --options "$options" >/dev/null \
        || { cat "$folder/log" >&2; die "it does not start"; }
}

# The password goes over a socket in a folder of this user alone. SCRAM would cost seconds, in a build that is not optimised.
printf '%s' "$password" >"$folder/password"
initdb --pgdata "$folder/data" --no-sync --locale C --encoding UTF8 --username marque --auth password \
    --pwfile "$folder/password" >"$folder/log" 2>&1 || { cat "$folder/log" >&2; die "initdb failed"; }

while read -r command; do
    case $command in
        start) start && printf '%s\n' "$folder" ;;
        stop) stop && printf 'stopped\n' ;;
    esac
done
