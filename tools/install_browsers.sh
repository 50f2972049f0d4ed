#!/bin/sh
# install_browsers.sh: Chromium and Firefox ESR from the packages of Debian, and what makes them trust
# a certificate authority, where one is missing and we may install. Where it cannot be installed it says so; the tests that need it fail then.
set -u

missing=
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || missing="chromium"
command -v firefox-esr >/dev/null || command -v firefox >/dev/null || missing="$missing firefox-esr"
command -v certutil >/dev/null || missing="$missing libnss3-tools"
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
