#!/usr/bin/env python3
"""What queries cost a bucket: requests, bytes and dependent round trips, cold and again.

    store_requests.py --aion ./aion --bucket FOLDER --queries FILE [-- more flags of aion store]
    store_requests.py --aion ./aion --config s3.yml --counts http://127.0.0.1:19000 --queries FILE …

Starts a store gateway and a query node. Per query: a gateway started anew asks once with its index-headers on disk (cold), then once more
(again). From the gateway's metrics: requests to the bucket by operation and bytes fetched; with --counts also the longest chain of requests
that the delay-proxy saw. Blocks: what the query touched, so that requests a block can be told.
"""
import argparse, json, os, re, shutil, subprocess, tempfile, time, urllib.parse, urllib.request


def get(url, data=None, timeout=120):
    with urllib.request.urlopen(url, data=data, timeout=timeout) as r:
        return r.read().decode()


def wait_line(log, what, p):
    deadline = time.time() + 120
    while time.time() < deadline:
        m = re.search(what + r".*?address=(\S+)", open(log).read())
        if m:
            return m.group(1)
        if p.poll() is not None:
            break
        time.sleep(0.02)
    raise SystemExit(f"{what!r} not in the log:\n" + open(log).read()[-2000:])


class Node:
    def __init__(self, a, work, name, args):
        self.log = os.path.join(work, name + ".log")
        env = dict(os.environ, AION_NO_BUILD="1")
        with open(self.log, "w") as out:
            self.p = subprocess.Popen([a.aion, name, "--http-address=127.0.0.1:0", "--grpc-address=127.0.0.1:0", *args], stdout=out, stderr=out, env=env)
        self.http = "http://" + wait_line(self.log, "listening for requests and metrics", self.p)
        self.grpc = wait_line(self.log, "listening for serving gRPC", self.p)
        while True:
            try:
                get(self.http + "/-/ready")
                return
            except OSError:
                time.sleep(0.05)

    def stop(self):
        self.p.terminate()
        try:
            self.p.wait(60)
        except subprocess.TimeoutExpired:
            self.p.kill()
            self.p.wait()

    def totals(self):
        ops, size, blocks = {}, 0.0, 0.0
        for line in get(self.http + "/metrics").splitlines():
            m = re.match(r'thanos_objstore_bucket_operations_total\{.*operation="(\w+)".*\} (\S+)', line)
            if m:
                ops[m.group(1)] = ops.get(m.group(1), 0) + float(m.group(2))
            m = re.match(r'thanos_objstore_bucket_operation_fetched_bytes_total\{.*\} (\S+)', line)
            if m:
                size += float(m.group(1))
            m = re.match(r'thanos_bucket_store_series_blocks_queried_sum\{.*\} (\S+)', line)
            if m:
                blocks += float(m.group(1))
        return ops, size, blocks


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--aion", default="./aion")
    ap.add_argument("--bucket")
    ap.add_argument("--config")
    ap.add_argument("--counts")
    ap.add_argument("--queries", required=True)
    ap.add_argument("--start", default="1767139200")
    ap.add_argument("--end", default="1767225600")
    ap.add_argument("--step", default="60")
    ap.add_argument("flags", nargs="*")
    a = ap.parse_args()
    work = tempfile.mkdtemp(prefix="store-requests-")
    config = a.config or os.path.join(work, "bucket.yml")
    if not a.config:
        open(config, "w").write(f"type: FILESYSTEM\nconfig:\n  directory: {os.path.abspath(a.bucket)}\n")
    store_args = [f"--objstore.config-file={config}", f"--data-dir={work}/data", *a.flags]
    queries = [l.strip() for l in open(a.queries) if l.strip() and not l.startswith("#")]
    chain = " chain |" if a.counts else ""
    print(f"| expression | blocks | cold: requests | a block | MiB |{chain} s | again: requests | MiB |{chain} s |")
    print("|---|---|---|---|---|---|---|---|---|" + ("---|---|" if a.counts else ""))
    try:
        Node(a, work, "store", store_args).stop()
        for q in queries:
            store = Node(a, work, "store", store_args)
            query = Node(a, work, "query", [f"--endpoint={store.grpc}", "--query.replica-label=replica"])
            try:
                deadline = time.time() + 60
                while '"store"' not in get(query.http + "/api/v1/stores") and time.time() < deadline:
                    time.sleep(0.05)
                data = urllib.parse.urlencode({"query": q, "start": a.start, "end": a.end, "step": a.step}).encode()
                cells = []
                for run in range(2):
                    before, b0, n0 = store.totals()
                    if a.counts:
                        get(a.counts + "/-/reset")
                    t0 = time.perf_counter()
                    answer = json.loads(get(query.http + "/api/v1/query_range", data))
                    took = time.perf_counter() - t0
                    assert answer["status"] == "success" and not answer.get("warnings"), answer
                    depth = f" {json.loads(get(a.counts + '/-/counts'))['depth']} |" if a.counts else ""
                    after, b1, n1 = store.totals()
                    requests = sum(after.values()) - sum(before.values())
                    if run == 0:
                        cells.append(f" {n1 - n0:.0f} | {requests:.0f} | {requests / max(1, n1 - n0):.1f} | {(b1 - b0) / 2**20:.2f} |{depth} {took:.2f} |")
                    else:
                        cells.append(f" {requests:.0f} | {(b1 - b0) / 2**20:.2f} |{depth} {took:.2f} |")
                print(f"| {q.replace('|', chr(92) + '|')} |" + "".join(cells), flush=True)
            finally:
                query.stop()
                store.stop()
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
