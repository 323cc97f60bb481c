#!/usr/bin/env bash
# Random PromQL over the same blocks: `aion store` + `aion query` beside a real Prometheus, every answer compared.
#
#   bench/random-expressions.sh [--levels "1 2 3"] [--seeds "1 2 3"] [--count 1000] [--aion FILE] [--keep DIR] [--passes]
#
# With --passes the peer is not Prometheus but a second `aion query` that runs no plan pass; its answers must be equal to the last digit.
# Wants prometheus and promtool (Debian package prometheus), python3 and shared/oracle. Each expression is asked as a range query and as an instant
# query. Expressions that Prometheus 2.42 and 3 define differently are listed, with the reason, in
# tests/Aion.EndToEnd.Tests/differs-from-prometheus-2.42.txt and left out. Prints a line a level and seed; exit status 1 if an answer differs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
levels="1 2 3" seeds="1 2 3" count=1000 aion=artifacts/bin/Aion/debug/aion keep= passes=
while [ $# -gt 0 ]; do
  case "$1" in
    --levels) levels="$2" ;;
    --seeds) seeds="$2" ;;
    --count) count="$2" ;;
    --aion) aion="$2" ;;
    --keep) keep="$2" ;;
    --passes) passes=yes; shift; continue ;;
    *) echo "unknown argument $1" >&2; exit 2 ;;
  esac
  shift 2
done
oracle="${AION_SHARED:-../shared}/oracle"
work="${keep:-$(mktemp -d)}"
mkdir -p "$work"
pids=()
stop() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  if [ -z "$keep" ]; then rm -rf "$work"; fi
}
trap stop EXIT

[ -d "$work/blocks" ] || python3 "$oracle/gen_dataset.py" "$work/blocks" >"$work/dataset.log"
mkdir -p "$work/prometheus"
[ -d "$work/prometheus/data" ] || cp -r "$work/blocks" "$work/prometheus/data"
if [ ! -d "$work/bucket" ]; then
  cp -r "$work/blocks" "$work/bucket"
  python3 - "$work/bucket" <<'PY'
import json, pathlib, sys
for meta in pathlib.Path(sys.argv[1]).glob("*/meta.json"):
    value = json.loads(meta.read_text())
    value["thanos"] = {"version": 1, "labels": {"replica": "a"}, "downsample": {"resolution": 0}, "source": "sidecar"}
    meta.write_text(json.dumps(value))
PY
fi
printf 'type: FILESYSTEM\nconfig:\n  directory: %s\n' "$work/bucket" >"$work/bucket.yml"
printf 'global: {}\n' >"$work/prometheus.yml"

# The address that a process logs for its HTTP or gRPC server; both are asked for port 0.
address() {
  for _ in $(seq 600); do
    found=$(sed -n "s/.*$2.* address=\([^ ]*\).*/\1/p" "$1" | head -1)
    if [ -n "$found" ]; then echo "$found"; return; fi
    sleep 0.1
  done
  echo "no address in $1" >&2
  return 1
}

"$aion" store --objstore.config-file="$work/bucket.yml" --data-dir="$work/store" --http-address=127.0.0.1:0 --grpc-address=127.0.0.1:0 >"$work/store.log" 2>&1 &
pids+=($!)
grpc=$(address "$work/store.log" "listening for serving gRPC")

# Starts a querier with further flags; its address goes to the variable "http".
querier() {
  log="$work/$1.log"
  shift
  "$aion" query --endpoint="$grpc" --query.replica-label=replica --http-address=127.0.0.1:0 --grpc-address=127.0.0.1:0 "$@" >"$log" 2>&1 &
  pids+=($!)
  http=$(address "$log" "listening for requests and metrics")
}

if [ -n "$passes" ]; then
  querier reference --query.disable-plan-pass={fold-constants,propagate-matchers,project-labels,merge-selects}
  reference="http://$http" exclude=/dev/null rel=0
else
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/prometheus/data" --web.listen-address="127.0.0.1:$port" \
    --storage.tsdb.min-block-duration=2h --storage.tsdb.max-block-duration=2h --storage.tsdb.retention.time=100y >"$work/prometheus.log" 2>&1 &
  pids+=($!)
  reference="http://127.0.0.1:$port" exclude=tests/Aion.EndToEnd.Tests/differs-from-prometheus-2.42.txt rel=1e-9
fi
querier query
subject="http://$http"
for url in "$reference" "$subject"; do
  for _ in $(seq 600); do
    curl -sf -o /dev/null "$url/-/ready" && break
    sleep 0.1
  done
done

failed=0
for level in $levels; do
  for seed in $seeds; do
    python3 "$oracle/gen_queries.py" --seed "$seed" --count "$count" --level "$level" |
      { grep -vxFf "$exclude" || true; } >"$work/queries.$level.$seed.txt"
    # Off the whole second: a subquery's grid then never meets the left end of its range, which 2.42 includes and 3 leaves out.
    python3 "$oracle/diff_promql.py" --reference "$reference" --subject "$subject" --queries "$work/queries.$level.$seed.txt" \
      --start 1767207600.513 --end 1767222000.513 --instant 1767215000.513 --rel "$rel" --show 1000 >"$work/result.$level.$seed.txt" || failed=1
    echo "level $level seed $seed: $(wc -l <"$work/queries.$level.$seed.txt") expressions, $(tail -1 "$work/result.$level.$seed.txt")"
    head -n -2 "$work/result.$level.$seed.txt"
  done
done
exit $failed
