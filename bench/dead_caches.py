#!/usr/bin/env python3
"""What 38 small queries cost with both caches dead, hanging or alive, beside a store without caches.

    bench/dead_caches.py AION BUCKET_FOLDER TIME [--repeat N]

AION is the program, BUCKET_FOLDER a bucket with blocks (gen_dataset.py writes some), TIME a time inside them. Starts a store (indexes in
Redis, chunks in Memcached), a query node, redis-server and memcached on free ports, and prints wall and CPU seconds of store and query.
"""
import argparse, os, re, signal, socket, subprocess, tempfile, time, urllib.parse, urllib.request

NAMES = ["node_load1", "up", "node_memory_free_bytes", "http_requests_total", "node_cpu_seconds_total"]
SHAPES = ["count({0})", "sum({0})", "max({0})", "min by (instance) ({0})", "avg by (zone) ({0})", "count(rate({0}[5m]))", "sum(max_over_time({0}[10m]))", "topk(3, {0})"]
QUERIES = [shape.format(name) for name in NAMES for shape in SHAPES][:38]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def listening(port):
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"nothing listens on {port}")


def ready(url):
    for _ in range(1200):
        try:
            urllib.request.urlopen(url + "/-/ready", timeout=5).read()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"{url} does not become ready")


def cpu(process):
    fields = open(f"/proc/{process.pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run(aion, bucket, at, state, repeat):
    started = []
    try:
        with tempfile.TemporaryDirectory() as folder:
            redis, memcached, http, grpc, query_http, query_grpc = (free_port() for _ in range(6))
            caches = [subprocess.Popen(["redis-server", "--port", str(redis), "--bind", "127.0.0.1", "--save", "", "--dir", folder], stdout=subprocess.DEVNULL),
                      subprocess.Popen(["memcached", "-p", str(memcached), "-l", "127.0.0.1", "-U", "0", "-u", "root"])]
            started += caches
            listening(redis), listening(memcached)
            arguments = [] if state == "none" else [
                f"--index-cache.config={{type: REDIS, config: {{addr: '127.0.0.1:{redis}'}}}}",
                f"--store.caching-bucket.config={{type: MEMCACHED, config: {{addresses: ['127.0.0.1:{memcached}']}}}}"]
            if state == "none":
                arguments = ["--index-cache.config={type: IN-MEMORY, config: {max_size: 1KiB}, enabled_items: [ExpandedPostings]}"]
            store = subprocess.Popen([aion, "store", f"--objstore.config={{type: FILESYSTEM, config: {{directory: {bucket}}}}}", f"--data-dir={folder}/data",
                                      f"--http-address=127.0.0.1:{http}", f"--grpc-address=127.0.0.1:{grpc}", *arguments], stderr=subprocess.DEVNULL)
            query = subprocess.Popen([aion, "query", f"--endpoint=127.0.0.1:{grpc}", f"--http-address=127.0.0.1:{query_http}",
                                      f"--grpc-address=127.0.0.1:{query_grpc}"], stderr=subprocess.DEVNULL)
            started += [store, query]
            base = f"http://127.0.0.1:{query_http}"
            ready(f"http://127.0.0.1:{http}"), ready(base)

            def ask():
                for q in QUERIES:
                    url = f"{base}/api/v1/query?" + urllib.parse.urlencode({"query": q, "time": at, "partial_response": "false"})
                    body = urllib.request.urlopen(url, timeout=600).read()
                    if b'"status":"success"' not in body or b'"result":[]' in body:
                        raise SystemExit(f"{q}: {body[:300]}")

            for _ in range(100):
                try:
                    ask()
                    break
                except (SystemExit, OSError):
                    time.sleep(0.2)
            ask()
            if state == "dead":
                for cache in caches:
                    cache.kill()
            if state == "hanging":
                for cache in caches:
                    cache.send_signal(signal.SIGSTOP)
            for i in range(repeat):
                wall, used = time.monotonic(), cpu(store) + cpu(query)
                ask()
                print(f"{state:8} run {i + 1}: {time.monotonic() - wall:6.2f} s wall, {cpu(store) + cpu(query) - used:5.2f} s CPU", flush=True)
            metrics = urllib.request.urlopen(f"http://127.0.0.1:{http}/metrics").read().decode()
            print("         " + ", ".join(re.findall(r"aion_cache_server_used\{.*\} \d", metrics)), flush=True)
    finally:
        for process in started:
            process.kill()
            process.wait()


parser = argparse.ArgumentParser()
parser.add_argument("aion")
parser.add_argument("bucket")
parser.add_argument("at")
parser.add_argument("--repeat", type=int, default=3)
options = parser.parse_args()
for state in ("none", "alive", "dead", "hanging"):
    run(options.aion, os.path.abspath(options.bucket), options.at, state, options.repeat)
