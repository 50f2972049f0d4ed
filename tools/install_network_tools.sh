#!/bin/sh
# install_network_tools.sh: coturn, iproute2 and nftables from the packages of Debian, where one is
# missing and we may install. Where it cannot be installed it says so; the tests that need it fail
# then. "--list" only prints the names of the missing packages.
set -u

missing=
command -v turnserver >/dev/null || missing="coturn"
command -v ip >/dev/null || missing="$missing iproute2"
[ -x /usr/sbin/nft ] || command -v nft >/dev/null || missing="$missing nftables"

if [ "${1:-}" = "--list" ]; then
    echo $missing
    exit 0
fi
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "Missing:" $missing". As root on Debian: apt-get install" $missing >&2
    exit 0
fi

export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # one package a word
apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing >/dev/null ||
    echo "Could not be installed:" $missing >&2
exit 0
