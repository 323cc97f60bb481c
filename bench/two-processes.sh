#!/usr/bin/env bash
# Times 'aion store' and 'aion query', gRPC between them, beside Prometheus over the same blocks. Fresh processes; needs nothing, leaves nothing but the data set.
#   bench/two-processes.sh --repeat 2 --warmup 1 [--program DIR]
. "$(dirname "${BASH_SOURCE[0]}")/side-by-side.sh"

read_arguments "$@"
make_data
copy_blocks "$work/bucket" external
printf 'type: FILESYSTEM\nconfig:\n  directory: %s\n' "$work/bucket" >"$work/bucket.yml"
start_prometheus
grpc="127.0.0.1:$(free_port)"
http="127.0.0.1:$(free_port)"
start_process store "$program/aion" store --objstore.config-file="$work/bucket.yml" --data-dir="$work/store" --grpc-address="$grpc" \
  --http-address=127.0.0.1:0
store=$started
start_process query "$program/aion" query --endpoint="$grpc" --query.replica-label=replica --http-address="$http" --grpc-address=127.0.0.1:0
compare "http://$http" "$store" "$started"
