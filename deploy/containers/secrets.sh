#!/bin/sh
# Draw the secrets of a compose stack into ./secrets: secrets.sh demo | centre | host NAME
#
# Promise: idempotent; what was drawn stays. Runs in our image, as root but without a network, since the files
# belong to the images' users. ALONGSIDE_IMAGE and ALONGSIDE_SECRETS_FOLDER are those of docker-compose.yml.
set -eu

cd "$(dirname "$0")/../.."
image=${ALONGSIDE_IMAGE:-alongside:local}
folder=${ALONGSIDE_SECRETS_FOLDER:-secrets}

case ${1:-} in
demo) set -- board custodian centre alder birch cedar damson elder fir ;;
centre) set -- board custodian centre ;;
host)
    [ -n "${2:-}" ] || { echo "secrets: which host? secrets.sh host NAME" >&2; exit 2; }
    set -- "$2"
    ;;
*)
    echo "usage: deploy/containers/secrets.sh demo | centre | host NAME" >&2
    exit 2
    ;;
esac

mkdir -p "$folder"
chmod 700 "$folder"
exec docker run --rm --user 0:0 --network none --read-only --cap-drop ALL --cap-add CHOWN --cap-add DAC_OVERRIDE \
    --cap-add FOWNER --security-opt no-new-privileges --health-cmd none --volume "$(cd "$folder" && pwd)":/secrets "$image" \
    python -m deploy.containers.secret_folder /secrets "$@"
