#!/bin/sh
# Runs every test, in parts of which three run beside each other: most tests wait for packets and time-outs more than they
# compute. Each part has namespaces of its own. Ends with what failed and with the totals, and with 1 when anything failed.
set -u
cd "$(dirname "$0")/.."
PARTS=6

part() {
  {
    sh test/in-namespace.sh node_modules/.bin/vitest run --shard="$1/$PARTS" 2>&1
    echo $? >"$RESULTS/status.$1"
  } | tee "$RESULTS/output.$1" | sed -u "s/^/[$1] /"
}

if [ "${1:-}" = part ]; then
  part "$2"
  exit
fi

RESULTS=$(mktemp -d)
export RESULTS
trap 'rm -rf "$RESULTS"' EXIT
seq "$PARTS" | xargs -P 3 -I '{}' sh test/suite.sh part '{}'

failed=0
for n in $(seq "$PARTS"); do
  # A part that was ended before its totals has none, and no status.
  grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$RESULTS/output.$n" | tail -n 1 >>"$RESULTS/totals"
  [ "$(cat "$RESULTS/status.$n" 2>/dev/null)" = 0 ] && continue
  failed=1
  printf '\n--- what failed in part %s of %s ---\n' "$n" "$PARTS"
  sed -n '/Failed Tests\|Failed Suites/,$p' "$RESULTS/output.$n"
done
awk '{ passed += $1; failed += $3; skipped += $5 }
  END { printf "\n%d passed, %d failed, %d skipped\n", passed, failed, skipped }' "$RESULTS/totals"
exit "$failed"
