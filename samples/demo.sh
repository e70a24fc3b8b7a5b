#!/bin/sh
# From a real sales history to the customers who are leaving. Run from the repository's root.
set -eu

HOLDFAST=.venv/bin/holdfast
DATA=demo-data
export HOLDFAST_MANAGERS=samples/managers.yaml HOLDFAST_TASK_POLICY=samples/task-policy.yaml

say() { printf '\n== %s\n' "$1"; }

rm -rf "$DATA"

say "A real sales history goes in (UCI Online Retail, CC BY 4.0, about 30 % of its customers)"
$HOLDFAST import samples/online-retail-sample.csv.gz --map samples/online-retail.map.yaml --data "$DATA"

say "Customers who are likely to leave or unusually quiet, by what is likely to be lost"
$HOLDFAST flagged --limit 10 --data "$DATA"

customer=$($HOLDFAST flagged --limit 1 --json --data "$DATA" |
    sed -n 's/.*"customer_id": *"\([^"]*\)".*/\1/p' | head -n 1)
if [ -z "$customer" ]; then
    echo "nobody is flagged, which this sample should never give" >&2
    exit 1
fi

say "The first of them"
$HOLDFAST card "$customer" --data "$DATA"

say "What the desk made of it: retention tasks, offered to the managers of samples/managers.yaml"
$HOLDFAST inbox --limit 5 --data "$DATA"

say "Why the first of them has a task: every gate, what it found and what it needs"
$HOLDFAST why "$customer" --data "$DATA"

say "How good the scores were: each against what happened afterwards"
$HOLDFAST evaluate --data "$DATA" | sed -n '1,/^By span/p' | sed '$d'

say "Every state and signal, folded again from zero and compared"
$HOLDFAST verify --data "$DATA"

say "What to try next"
cat <<NEXT
  $HOLDFAST card $customer --at 2011-09-01 --data $DATA    the same customer as of an earlier day
  $HOLDFAST evaluate --data $DATA    all figures of quality, by month, segment and model
  $HOLDFAST tail crm.signals --customer $customer --data $DATA    everything that was said about it
  $HOLDFAST inbox --manager AM-1 --data $DATA    one manager's tasks; holdfast task --help says what to do with one
  $HOLDFAST status --data $DATA    where the log stands, and how fresh the projection is
NEXT

say "The console"
$HOLDFAST serve --port 0 --data "$DATA" >"$DATA/serve.log" 2>&1 &
serving=$!
trap 'kill "$serving" 2>/dev/null; wait "$serving" 2>/dev/null || true' EXIT
trap 'exit 130' INT TERM
console=
while [ -z "$console" ]; do
    kill -0 "$serving" 2>/dev/null || { cat "$DATA/serve.log" >&2; exit 1; }
    sleep 1
    console=$(sed -n 's/.*"console": *"\([^"]*\)".*/\1/p' "$DATA/serve.log" | head -n 1)
done
echo "  $console/    the tasks of the sample; $console/customers/$customer    the card from above"
echo "  in a browser on this machine; there is no sign-in yet: choose AM-1 under \"Work as\""
[ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] || .venv/bin/python -m webbrowser "$console" >/dev/null 2>&1 || true
if [ -t 1 ]; then
    echo "  Ctrl-C ends it"
    wait "$serving"
fi
