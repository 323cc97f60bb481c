#!/usr/bin/env python3
"""Many clients, the heaviest queries, little memory: a store gateway refuses, and does not die.

    store_flood.py --aion ./aion --bucket FOLDER --queries FILE [--clients 20] [--seconds 60] [--pool 64MB] [-- more flags of aion query]

Starts a store gateway with --chunk-pool-size and a query node; every client sends the queries in turn. Tells how many were answered whole,
how many were refused and with what words, and the peak resident memory of both processes. Exit status 1 when a process died, when nothing
was answered, or when the answer after the flood is not whole.
"""
import argparse, collections, concurrent.futures, json, os, shutil, tempfile, time, urllib.error, urllib.parse, urllib.request
from store_requests import Node, get


def peak(pid):
    return next(int(l.split()[1]) / 1024 for l in open(f"/proc/{pid}/status") if l.startswith("VmHWM:"))


def ask(base, q, a):
    data = urllib.parse.urlencode({"query": q, "start": a.start, "end": a.end, "step": a.step}).encode()
    try:
        answer = json.loads(get(base + "/api/v1/query_range", data, timeout=300))
        words = " ".join(answer.get("warnings", []))
    except urllib.error.HTTPError as e:
        words = json.loads(e.read().decode()).get("error", str(e.code))
    if not words:
        return "whole"
    return next((w for w in ("--chunk-pool-size", "--query.max-memory-bytes", "--query.max-total-memory-bytes") if w in words), words[:160])


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--aion", default="./aion")
    ap.add_argument("--bucket", required=True)
    ap.add_argument("--queries", required=True)
    ap.add_argument("--clients", type=int, default=20)
    ap.add_argument("--seconds", type=float, default=60)
    ap.add_argument("--pool", default="64MB")
    ap.add_argument("--start", default="1767139200")
    ap.add_argument("--end", default="1767225600")
    ap.add_argument("--step", default="60")
    ap.add_argument("flags", nargs="*")
    a = ap.parse_args()
    work = tempfile.mkdtemp(prefix="store-flood-")
    open(f"{work}/bucket.yml", "w").write(f"type: FILESYSTEM\nconfig:\n  directory: {os.path.abspath(a.bucket)}\n")
    queries = [l.strip() for l in open(a.queries) if l.strip() and not l.startswith("#")]
    store = Node(a, work, "store", [f"--objstore.config-file={work}/bucket.yml", f"--data-dir={work}/data", f"--chunk-pool-size={a.pool}"])
    query = Node(a, work, "query", [f"--endpoint={store.grpc}", "--query.replica-label=replica", *a.flags])
    try:
        while '"store"' not in get(query.http + "/api/v1/stores"):
            time.sleep(0.05)
        end, outcomes = time.time() + a.seconds, collections.Counter()

        def client(n):
            mine, i = collections.Counter(), n
            while time.time() < end:
                mine[ask(query.http, queries[i % len(queries)], a)] += 1
                i += 1
            return mine

        with concurrent.futures.ThreadPoolExecutor(a.clients) as pool:
            for counts in pool.map(client, range(a.clients)):
                outcomes += counts
        after = ask(query.http, "count(up)", a)
        for words, count in outcomes.most_common():
            print(f"| {words} | {count} |")
        print(f"peak MiB: store {peak(store.p.pid):.0f}, query {peak(query.p.pid):.0f}; afterwards: {after}")
        alive = store.p.poll() is None and query.p.poll() is None
        raise SystemExit(0 if alive and outcomes["whole"] > 0 and after == "whole" else 1)
    finally:
        query.stop()
        store.stop()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
