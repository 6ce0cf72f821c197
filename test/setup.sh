#!/bin/sh
# Installs what the project needs beyond Node and make: Debian packages by apt, npm packages from the lockfile.
# Does nothing, quickly, when all of it is there. Called by the Makefile; prints what it does and what to do on failure.
# `setup.sh bench` also installs what the benches compare with.
set -eu
cd "$(dirname "$0")/.."

say() { printf '[setup] %s\n' "$*"; }
fail() { printf '[setup] error: %s\n' "$*" >&2; exit 1; }

command -v node >/dev/null 2>&1 || fail "Node.js 20 or newer is needed; install it and run make again"
node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' ||
  fail "Node.js 20 or newer is needed, this is $(node --version)"
[ "$(uname -s)" = Linux ] || fail "Linux is needed: the router part runs on nf_tables"

# The router's own programs (nft only to print tables), DNS tools, a browser, a compiler for the SQLite binding, and what
# a cloud of several nodes has around it: PostgreSQL, a load balancer, and another MQTT client to speak with the edge.
packages="nftables iproute2 dnsmasq-base bind9-dnsutils udhcpc curl openssl chromium fonts-noto-core g++ python3 util-linux mount e2fsprogs postgresql haproxy mosquitto mosquitto-clients"
[ "${1:-}" != bench ] || packages="$packages unbound"
missing=""
for package in $packages; do
  status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing="$missing $package"
done
if [ -n "$missing" ]; then
  command -v apt-get >/dev/null 2>&1 || fail "these Debian packages are needed and apt-get is not here:$missing"
  [ "$(id -u)" = 0 ] || fail "these Debian packages are needed; run as root, or: sudo apt-get install$missing"
  say "installing Debian packages:$missing"
  log=$(mktemp)
  if ! { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    fail "apt-get could not install:$missing (see above; is the network up?)"
  fi
  rm -f "$log"
fi

# npm writes node_modules/.package-lock.json last, so an interrupted install is repeated.
if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  say "installing npm packages from the lockfile (the SQLite binding is compiled: about two minutes)"
  npm ci --no-audit --no-fund --loglevel=error || fail "npm ci failed; see above"
  touch node_modules/.package-lock.json
fi
