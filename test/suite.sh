#!/bin/sh
# Runs every test, in two halves beside each other: most of them wait for packets and time-outs more than they compute.
# Each half has namespaces of its own. Ends with the totals of both, and with 1 when anything failed.
set -u
cd "$(dirname "$0")/.."
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

half() {
  {
    sh test/in-namespace.sh node_modules/.bin/vitest run --shard="$1/2" 2>&1
    echo $? >"$results/status.$1"
  } | tee "$results/output.$1" | sed -u "s/^/[$1] /"
}

half 1 &
half 2 &
wait

sum() { sed -n -E "s/^.*(^| )([0-9]+) $1.*$/\2/p" "$results"/totals.* | awk '{ n += $1 } END { print n + 0 }'; }
for n in 1 2; do
  grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$results/output.$n" | tail -n 1 >"$results/totals.$n"
done
failed=0
for n in 1 2; do
  if [ "$(cat "$results/status.$n" 2>/dev/null)" != 0 ]; then
    failed=1
    printf '\n--- what failed in half %s ---\n' "$n"
    sed -n '/Failed Tests\|Failed Suites/,$p' "$results/output.$n"
  fi
done
printf '\n%s passed, %s failed, %s skipped\n' "$(sum passed)" "$(sum failed)" "$(sum skipped)"
exit "$failed"
