#!/usr/bin/env python3
"""How long a store gateway takes to get ready, and what it then holds.

    store_start.py --aion ./aion --bucket FOLDER [--runs 3] [--data DIR] [-- more flags of aion store]
    store_start.py --aion ./aion --config bucket.yml --counts http://127.0.0.1:19000 …

First a start with an empty data folder ("never seen"), then --runs starts over what it left ("already seen"). Per start: seconds from
exec to /-/ready, CPU seconds, resident and peak MiB, KiB a block (all of the resident memory over the number of blocks, so the runtime
counts too). --counts: a delay-proxy that tells the requests a start made.
"""
import argparse, json, os, re, shutil, subprocess, sys, tempfile, time, urllib.request

TICK = os.sysconf("SC_CLK_TCK")


def cpu(pid):
    f = open(f"/proc/{pid}/stat").read().rsplit(") ", 1)[1].split()
    return (int(f[11]) + int(f[12])) / TICK


def status(pid, key):
    for line in open(f"/proc/{pid}/status"):
        if line.startswith(key + ":"):
            return int(line.split()[1]) / 1024
    return 0.0


def get(url, timeout=5):
    with urllib.request.urlopen(url, timeout=timeout) as r:
        return r.read().decode()


def address(log, deadline):
    while time.perf_counter() < deadline:
        m = re.search(r"listening for requests and metrics.*?address=(\S+)", open(log).read())
        if m:
            return "http://" + m.group(1)
        time.sleep(0.002)
    raise SystemExit("no HTTP server; log:\n" + open(log).read()[-2000:])


def start(a, config, data, name):
    if a.counts:
        get(a.counts + "/-/reset")
    log = os.path.join(os.path.dirname(data), "store.log")
    env = dict(os.environ, AION_NO_BUILD="1")
    t0 = time.perf_counter()
    with open(log, "w") as out:
        p = subprocess.Popen([a.aion, "store", f"--objstore.config-file={config}", f"--data-dir={data}", "--http-address=127.0.0.1:0",
                              "--grpc-address=127.0.0.1:0", *a.flags], stdout=out, stderr=out, env=env)
    try:
        base = address(log, t0 + a.timeout)
        while True:
            try:
                get(base + "/-/ready")
                break
            except OSError:
                if p.poll() is not None or time.perf_counter() - t0 > a.timeout:
                    raise SystemExit("not ready; log:\n" + open(log).read()[-2000:])
                time.sleep(0.005)
        ready = time.perf_counter() - t0
        used, rss, peak = cpu(p.pid), status(p.pid, "VmRSS"), status(p.pid, "VmHWM")
        counts = json.loads(get(a.counts + "/-/counts")) if a.counts else {}
        time.sleep(a.settle)
        metrics = get(base + "/metrics", timeout=60)
        blocks = int(float(re.search(r"^thanos_bucket_store_blocks_loaded (\S+)", metrics, re.M).group(1)))
        later = status(p.pid, "VmRSS")
        print(f"| {name} | {blocks} | {ready:.2f} | {used:.2f} | {rss:.0f} | {later:.0f} | {peak:.0f} | {later * 1024 / max(1, blocks):.1f} |"
              + (f" {counts['requests']} | {counts['bytes']} | {counts['depth']} |" if counts else ""), flush=True)
    finally:
        p.terminate()
        try:
            p.wait(60)
        except subprocess.TimeoutExpired:
            p.kill()
            p.wait()


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--aion", default="./aion")
    ap.add_argument("--bucket")
    ap.add_argument("--config")
    ap.add_argument("--data")
    ap.add_argument("--counts")
    ap.add_argument("--runs", type=int, default=3)
    ap.add_argument("--timeout", type=float, default=300)
    ap.add_argument("--settle", type=float, default=2)
    ap.add_argument("--keep-data", action="store_true", help="--data holds what an earlier run left: no start over nothing")
    ap.add_argument("flags", nargs="*")
    a = ap.parse_args()
    if not a.bucket and not a.config:
        ap.error("--bucket or --config")
    work = tempfile.mkdtemp(prefix="store-start-")
    try:
        config = a.config
        if not config:
            config = os.path.join(work, "bucket.yml")
            open(config, "w").write(f"type: FILESYSTEM\nconfig:\n  directory: {os.path.abspath(a.bucket)}\n")
        data = a.data or os.path.join(work, "data")
        print("| start | blocks | ready s | CPU s | RSS MiB at ready | later | peak | KiB a block |" + (" requests | bytes | chain |" if a.counts else ""))
        print("|---|---|---|---|---|---|---|---|" + ("---|---|---|" if a.counts else ""))
        if not a.keep_data:
            shutil.rmtree(data, ignore_errors=True)
            start(a, config, data, "never seen")
        for _ in range(a.runs):
            start(a, config, data, "already seen")
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
