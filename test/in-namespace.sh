#!/bin/sh
# Runs a command in network, mount and process namespaces of its own, with no route out. Whatever it leaves behind
# (namespaces, tables, processes, temporary files) ends with it, also after kill -9: the kernel tears them down.
set -eu
if [ "$(id -u)" != 0 ]; then
  echo "error: root is needed to make network namespaces and load nf_tables rules inside them; run: sudo make ..." >&2
  exit 1
fi
exec unshare --net --mount --pid --fork --kill-child --mount-proc --propagation private sh -c '
  mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns
  mount -t sysfs sysfs /sys 2>/dev/null || true
  # A checkout that lies below /tmp must stay visible.
  case "$PWD/" in /tmp/*) ;; *) mount -t tmpfs -o mode=1777 tmpfs /tmp ;; esac
  ip link set lo up
  exec "$@"' sh "$@"
