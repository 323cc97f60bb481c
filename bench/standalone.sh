#!/usr/bin/env bash
# Times 'aion standalone' beside Prometheus over the same blocks. A fresh process; needs nothing, leaves nothing but the data set.
#   bench/standalone.sh --repeat 2 --warmup 1 [--program DIR]
. "$(dirname "${BASH_SOURCE[0]}")/side-by-side.sh"

read_arguments "$@"
make_data
copy_blocks "$work/data" external
start_prometheus
http="127.0.0.1:$(free_port)"
start_process standalone "$program/aion" standalone --data-dir="$work/data" --http-address="$http"
compare "http://$http" "$started"
