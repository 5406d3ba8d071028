#!/bin/sh
# Draw the secrets of a compose stack into ./secrets, and make the folders of its hosts' sources in ./drop:
# secrets.sh demo | centre | host ID …
#
# Promise: idempotent; what was drawn stays. Runs in our image, as root but without a network, since the files
# belong to the images' users. ALONGSIDE_IMAGE, ALONGSIDE_SECRETS_FOLDER and ALONGSIDE_DROP_FOLDER are those of
# docker-compose.yml.
set -eu

cd "$(dirname "$0")/../.."
image=${ALONGSIDE_IMAGE:-alongside:local}
folder=${ALONGSIDE_SECRETS_FOLDER:-secrets}
drop=${ALONGSIDE_DROP_FOLDER:-drop}

usage='usage: deploy/containers/secrets.sh demo | centre | host ID --name "Its name" --nation CODE [--setting CODE] [--sandbox ID]'
case ${1:-} in
demo | centre) ;;
host) [ -n "${2:-}" ] || { echo "$usage" >&2; exit 2; } ;;
*)
    echo "$usage" >&2
    exit 2
    ;;
esac

mkdir -p "$folder" "$drop"
chmod 700 "$folder"
docker run --rm --user 0:0 --network none --read-only --cap-drop ALL --cap-add CHOWN --cap-add DAC_OVERRIDE \
    --cap-add FOWNER --security-opt no-new-privileges --health-cmd none --volume "$(cd "$folder" && pwd)":/secrets \
    --volume "$(cd "$drop" && pwd)":/drop "$image" python -m deploy.containers.secret_folder /secrets --drop /drop "$@"

# Compose reads .env; one that is there is the operator's, and stays.
if [ ! -e .env ] && [ -z "${COMPOSE_PROFILES:-}" ]; then
    profiles=$1 sandbox='' before=''
    for word; do
        [ "$before" != --sandbox ] || sandbox=$word
        case $word in --sandbox=*) sandbox=${word#--sandbox=} ;; esac
        before=$word
    done
    [ -z "$sandbox" ] || profiles=$1,sandbox
    echo "COMPOSE_PROFILES=$profiles" >.env
    [ "$1" != host ] || echo "ALONGSIDE_HOST=$2" >>.env
    [ -z "$sandbox" ] || echo "ALONGSIDE_SANDBOX=$sandbox" >>.env
    echo "secrets: wrote .env for the profiles $profiles"
fi
