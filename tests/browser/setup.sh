#!/bin/sh
# Install what the browser tests need, where it is missing: Debian's chromium and a Chinese font.
# Quick when all is there. Exit code 0: ready; 1: it cannot be installed here, and the tests will say so and skip.
set -eu

missing=""
[ -x /usr/bin/chromium ] || missing="$missing chromium"
if ! command -v fc-list >/dev/null 2>&1 || [ -z "$(fc-list :lang=zh-cn)" ]; then
    missing="$missing fonts-noto-cjk fontconfig"
fi
if [ -z "$missing" ]; then
    echo "browser tests: chromium and a Chinese font are there"
    exit 0
fi
if ! command -v apt-get >/dev/null 2>&1; then
    echo "browser tests: missing$missing, and there is no apt-get; install them by hand" >&2
    exit 1
fi
if [ "$(id -u)" -eq 0 ]; then
    run=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    run="sudo"
else
    echo "browser tests: missing$missing; installing needs root or sudo without a password" >&2
    exit 1
fi
echo "browser tests: installing$missing"
$run apt-get update -qq
# shellcheck disable=SC2086
$run env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
echo "browser tests: ready"
