#!/bin/sh
# Make what an image build takes from outside, without an image registry: build.sh [wheels] [images]
#
#   wheels   every locked Python package, with its hash checked, into deploy/offline/wheels
#   images   stand-ins for the base images, under the official names, from Debian's packages and the
#            MongoDB server of the engines' wheel: python:3.11-slim-bookworm, rabbitmq:3.10-management, mongo:6.0
#
# Both when nothing is named. Promise: idempotent; what is there already is left alone (ALONGSIDE_REBUILD=1 makes
# it anew); no secret, no setting and no certificate of this machine goes into an image. Limit: needs root, x86-64,
# Debian's debootstrap and a docker engine; the stand-ins are older than what a service should run (docs/offline.md).
set -eu

cd "$(dirname "$0")/../.."
cache=${ALONGSIDE_OFFLINE_CACHE:-deploy/offline/cache}
python=${PYTHON:-.venv/bin/python}
suite=bookworm
python_image=python:3.11-slim-bookworm
broker_image=rabbitmq:3.10-management
database_image=mongo:6.0

say() { printf 'offline: %s\n' "$*"; }
fail() {
    printf 'offline: %s\n' "$*" >&2
    exit 1
}

# --- Python packages -------------------------------------------------------------------------------------

make_wheels() {
    stamp=$(cat deploy/locks/runtime.txt deploy/sbom/cyclonedx.txt | sha256sum | cut -d ' ' -f 1)
    if [ -z "${ALONGSIDE_REBUILD:-}" ] && [ "$(cat deploy/offline/wheels/stamp 2>/dev/null || true)" = "$stamp" ]; then
        return
    fi
    "$python" -m pip --version >/dev/null 2>&1 || fail "no pip in $python: run deploy/bootstrap.sh, or set PYTHON"
    say "collecting the locked Python packages"
    rm -rf deploy/offline/wheels
    mkdir -p deploy/offline/wheels
    # The image's Python is 3.11 on glibc 2.36, whatever this machine runs.
    set -- --python-version 3.11 --implementation cp --abi cp311 --abi abi3 --abi none --platform manylinux2014_x86_64
    minor=5
    while [ "$minor" -le 36 ]; do
        set -- "$@" --platform "manylinux_2_${minor}_x86_64"
        minor=$((minor + 1))
    done
    "$python" -m pip download --quiet --no-deps --only-binary :all: --require-hashes "$@" \
        --dest deploy/offline/wheels -r deploy/locks/runtime.txt -r deploy/sbom/cyclonedx.txt </dev/null ||
        fail "pip could not collect the packages"
    echo "$stamp" >deploy/offline/wheels/stamp
}

# --- Base images -----------------------------------------------------------------------------------------

has_image() { [ -z "${ALONGSIDE_REBUILD:-}" ] && docker image inspect "$1" >/dev/null 2>&1; }

# The machine's own mirror, from its list of sources.
mirror() {
    if [ -n "${ALONGSIDE_DEBIAN_MIRROR:-}" ]; then
        echo "$ALONGSIDE_DEBIAN_MIRROR"
        return
    fi
    cat /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null |
        sed -n 's/^URIs: *\([^ ]*\).*/\1/p; s/^deb \(\[[^]]*\] \)\?\([^ ]*\) .*/\2/p' | grep '/debian/\?$' | head -n 1
}

in_root() {
    where=$1
    shift
    chroot "$where" env DEBIAN_FRONTEND=noninteractive LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@" </dev/null
}

make_base() {
    [ -e "$cache/base.made" ] && return
    source=$(mirror)
    [ -n "$source" ] || fail "no Debian mirror in the list of sources: set ALONGSIDE_DEBIAN_MIRROR"
    say "unpacking Debian $suite"
    rm -rf "$cache/base"
    debootstrap --variant=minbase --keyring=/usr/share/keyrings/debian-archive-keyring.gpg "$suite" "$cache/base" \
        "$source" >"$cache/debootstrap.log" 2>&1 || {
        tail -n 5 "$cache/debootstrap.log" >&2
        fail "debootstrap failed; all it said is in $cache/debootstrap.log"
    }
    # No service starts while packages are unpacked.
    printf '#!/bin/sh\nexit 101\n' >"$cache/base/usr/sbin/policy-rc.d"
    chmod 755 "$cache/base/usr/sbin/policy-rc.d"
    touch "$cache/base.made"
}

# begin NAME PACKAGE…: a copy of the base with these packages, in $root.
begin() {
    root=$cache/$1
    shift
    rm -rf "$root"
    cp -a "$cache/base" "$root"
    [ "$root" != "$cache/rabbitmq" ] || add_user rabbitmq
    [ "$root" != "$cache/mongo" ] || add_user mongodb
    in_root "$root" apt-get install -qq -y --no-install-recommends "$@" >"$cache/apt.log" 2>&1 || {
        tail -n 5 "$cache/apt.log" >&2
        fail "apt-get could not install $*; all it said is in $cache/apt.log"
    }
}

# The number that the official image gives its user, so that volumes and secrets fit either.
add_user() {
    in_root "$root" groupadd --system --gid 999 "$1"
    in_root "$root" useradd --system --uid 999 --gid 999 --home-dir "/var/lib/$1" --shell /usr/sbin/nologin "$1"
}

# finish IMAGE CHANGE…: import $root under the name.
finish() {
    image=$1
    shift
    # Names and addresses of this machine stay here.
    in_root "$root" apt-get clean
    rm -rf "$root"/var/lib/apt/lists/* "$root"/var/log/* "$root"/var/cache/debconf/*-old "$root"/usr/share/doc/* \
        "$root"/usr/share/man/* "$root"/usr/share/locale/* "$root/usr/sbin/policy-rc.d"
    : >"$root/etc/apt/sources.list"
    rm -f "$root/etc/resolv.conf" "$root/etc/hostname"
    tar -C "$root" -c . | docker import "$@" --change "LABEL alongside.stand-in=true" - "$image" >/dev/null
    rm -rf "$root"
    say "made $image"
}

make_images() {
    if has_image "$python_image" && has_image "$broker_image" && has_image "$database_image"; then
        return
    fi
    [ "$(id -u)" = 0 ] || fail "making base images needs root"
    command -v debootstrap >/dev/null || fail "missing: debootstrap. Run as an administrator: apt-get install debootstrap"
    docker info >/dev/null 2>&1 || fail "no docker engine answers: start it, or set DOCKER_HOST"
    mkdir -p "$cache"
    make_base
    if ! has_image "$python_image"; then
        begin python python3 python3-venv
        ln -s /usr/bin/python3 "$root/usr/local/bin/python"
        finish "$python_image" --change "ENV PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin LANG=C.UTF-8" \
            --change 'CMD ["python3"]'
    fi
    if ! has_image "$broker_image"; then
        begin rabbitmq rabbitmq-server
        # The package's own commands switch users; the official image's do not.
        finish "$broker_image" --change "ENV PATH=/usr/lib/rabbitmq/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin" \
            --change "ENV LANG=C.UTF-8 HOME=/var/lib/rabbitmq" --change "EXPOSE 5671 5672 15672" \
            --change 'CMD ["rabbitmq-server"]'
    fi
    if ! has_image "$database_image"; then
        mongod=$("$python" -c 'from deploy.engines.mongod import find_mongod; print(find_mongod())') ||
            fail "the wheel with MongoDB's server is not installed: run deploy/bootstrap.sh"
        begin mongo libcurl4
        install -m 755 "$mongod" "$root/usr/bin/mongod"
        install -d -o 999 -g 999 "$root/data/db" "$root/data/configdb"
        finish "$database_image" --change "ENV PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin LANG=C.UTF-8" \
            --change "EXPOSE 27017" --change 'CMD ["mongod", "--networkMessageCompressors=snappy,zstd"]'
    fi
}

[ "$#" -gt 0 ] || set -- wheels images
for part in "$@"; do
    case $part in
    wheels) make_wheels ;;
    images) make_images ;;
    *) fail "unknown part '$part'; use wheels or images" ;;
    esac
done
