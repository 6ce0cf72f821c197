#!/bin/sh
# Runs a command in network, mount and process namespaces of its own, with no route out. Whatever it leaves behind
# (namespaces, tables, processes) ends with it, also after kill -9: the kernel tears the namespaces down.
set -eu
if [ "$(id -u)" != 0 ]; then
  echo "error: root is needed to make network namespaces and load nf_tables rules inside them; run: sudo make ..." >&2
  exit 1
fi
exec unshare --net --mount --pid --fork --kill-child --mount-proc --propagation private sh -c '
  mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns
  mount -t sysfs sysfs /sys 2>/dev/null || true
  ip link set lo up
  exec "$@"' sh "$@"
