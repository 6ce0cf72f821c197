#!/bin/sh
# What udhcpc runs at DHCP events: sets the address, the default route and the resolver, and notes the lease for the tests.
# Arrives with: interface, ip, mask, router, dns, serverid, lease (udhcpc(8)); LEASE_FILE (from device.ts).
set -eu
case "$1" in
  deconfig)
    rm -f "$LEASE_FILE"
    ip -4 addr flush dev "$interface"
    ;;
  bound | renew)
    ip -4 addr replace "$ip/$mask" dev "$interface"
    ip -4 route replace default via "${router%% *}" dev "$interface"
    # Written in place: the file is bind-mounted into every program that runs in this namespace.
    {
      for server in $dns; do echo "nameserver $server"; done
      echo "options timeout:1 attempts:2"
    } >/etc/resolv.conf
    echo "$ip $serverid $lease ${domain:-}" >"$LEASE_FILE.new"
    mv "$LEASE_FILE.new" "$LEASE_FILE"
    ;;
esac
