# Sourced by two-processes.sh and standalone.sh: data, Prometheus, waiting, the run, and an end of everything that was started.
# Settings: AION_BENCH_DATA keeps the data set between runs (default /tmp/aiondata/bench; made when absent, which takes some minutes),
# AION_BENCH_SHARED is the folder with oracle/ (default: shared beside the repository's parents), AION_BENCH_KEEP=1 leaves the logs.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
data="${AION_BENCH_DATA:-/tmp/aiondata/bench}"
start=1767139200 end=1767225600 step=60
repeat=2 warmup=1
queries="" program=""
work="$(mktemp -d)"
pids=()

fail() {
  echo "${0##*/}: $1" >&2
  exit 1
}

end_all() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  if [ "${AION_BENCH_KEEP:-}" = 1 ]; then echo "logs: $work" >&2; else rm -rf "$work"; fi
}
trap end_all EXIT

usage() {
  cat <<EOF
usage: ${0##*/} [--repeat N] [--warmup N] [--queries FILE] [--program DIR]
  --repeat, --warmup  counted runs and runs before them of each expression ($repeat and $warmup)
  --queries           one expression a line (shared/oracle/bench_queries.txt)
  --program           folder that 'dotnet publish src/Aion -c Release -o DIR' made; published now when not given
EOF
}

read_arguments() {
  while [ $# -gt 0 ]; do
    case "$1" in
      --repeat) repeat="$2"; shift 2 ;;
      --warmup) warmup="$2"; shift 2 ;;
      --queries) queries="$2"; shift 2 ;;
      --program) program="$2"; shift 2 ;;
      -h | --help) usage; exit 0 ;;
      *) usage >&2; exit 1 ;;
    esac
  done
  local folder="$root"
  while [ ! -d "${AION_BENCH_SHARED:-$folder/shared}/oracle" ]; do
    [ "$folder" != / ] && [ -z "${AION_BENCH_SHARED:-}" ] || fail "no folder shared/ with oracle/ in it; name it in AION_BENCH_SHARED"
    folder="$(dirname "$folder")"
  done
  oracle="${AION_BENCH_SHARED:-$folder/shared}/oracle"
  queries="${queries:-$oracle/bench_queries.txt}"
  for tool in prometheus promtool python3; do command -v "$tool" >/dev/null || fail "'$tool' is not on the PATH (apt-get install prometheus)"; done
  if [ -z "$program" ]; then
    program="$work/program"
    dotnet publish "$root/src/Aion" -c Release -o "$program" -v quiet --nologo >&2
  fi
  [ -x "$program/aion" ] || fail "no program in $program"
}

# Blocks of two hours, 10,230 series, 59 million samples.
make_data() {
  [ -n "$(ls -d "$data"/*/meta.json 2>/dev/null)" ] && return
  echo "making the data set in $data ..." >&2
  mkdir -p "$data"
  python3 "$oracle/gen_dataset.py" --profile bench "$data" >&2
}

# copy_blocks TO [external]: hard links, with metadata of their own; 'external' gives them the label set that a bucket asks for.
copy_blocks() {
  mkdir -p "$1"
  for block in "$data"/*/meta.json; do cp -rl "$(dirname "$block")" "$1/"; done
  [ "${2:-}" = external ] || return 0
  python3 - "$1" <<'PY'
import glob, json, os, sys
for path in glob.glob(os.path.join(sys.argv[1], "*", "meta.json")):
    meta = json.load(open(path))
    meta["thanos"] = {"version": 1, "labels": {"replica": "a"}, "downsample": {"resolution": 0}, "source": "sidecar"}
    os.unlink(path)
    json.dump(meta, open(path, "w"))
PY
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# start NAME COMMAND...: in the background, its output in a file; the process id is in $started.
start_process() {
  local name="$1"
  shift
  "$@" >"$work/$name.log" 2>&1 &
  started=$!
  pids+=("$started")
}

# wait_for URL: until it counts all series.
wait_for() {
  for _ in $(seq 240); do
    if curl -s --max-time 20 "$1/api/v1/query?query=count(up)&time=$((end - 400))" | grep -q '"value"'; then return; fi
    sleep 0.5
  done
  tail -n 5 "$work"/*.log >&2
  fail "$1 does not answer"
}

# The blocks stay as they are: Prometheus would join some of them otherwise, perhaps while it is measured.
start_prometheus() {
  local port
  port="$(free_port)"
  copy_blocks "$work/prometheus"
  echo "global: {}" >"$work/prometheus.yml"
  start_process prometheus prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/prometheus" \
    --storage.tsdb.retention.time=100y --storage.tsdb.min-block-duration=2h --storage.tsdb.max-block-duration=2h \
    --web.listen-address="127.0.0.1:$port" --log.level=warn
  prometheus_pid=$started
  prometheus_url="http://127.0.0.1:$port"
  wait_for "$prometheus_url"
}

# compare URL PID...: the table.
compare() {
  local url="$1" subjects=()
  shift
  wait_for "$url"
  for pid in "$@"; do subjects+=(--subject-pid "$pid"); done
  echo "$(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg), $(git -C "$root" log -1 --format='%h %s' 2>/dev/null || true)"
  python3 "$oracle/bench_http.py" --reference "$prometheus_url" --subject "$url" --queries "$queries" --start "$start" --end "$end" --step "$step" \
    --repeat "$repeat" --warmup "$warmup" --reference-pid "$prometheus_pid" "${subjects[@]}"
}
