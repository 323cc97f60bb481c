#!/usr/bin/env python3
"""How long processes go on working for a query after its client hung up.

    cancellation.py --url http://HOST:PORT --pid PID [--pid PID ...] [--query EXPR] [--runs N]

Sends a heavy range query, hangs up after a second, and reads the processor time of all threads of the processes
(nanoseconds, /proc/PID/task/*/schedstat) until it stands still. Prints a line a run: processor time in the second
before, the moment after which less than a tenth of a processor was used, and what was used until then.
"""
import argparse, glob, socket, time, urllib.parse


def cpu(pids):
    total = 0
    for pid in pids:
        for path in glob.glob(f"/proc/{pid}/task/*/schedstat"):
            try:
                total += int(open(path).read().split()[0])
            except (OSError, ValueError):
                pass
    return total / 1e9


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--url", required=True)
    ap.add_argument("--pid", action="append", required=True)
    ap.add_argument("--query", default='sum(quantile_over_time(0.9, {__name__=~"node_.*|http_.*"}[2h]))')
    ap.add_argument("--start", default="1767211200")
    ap.add_argument("--end", default="1767222000")
    ap.add_argument("--step", default="1")
    ap.add_argument("--runs", type=int, default=5)
    a = ap.parse_args()
    where = urllib.parse.urlparse(a.url)
    body = urllib.parse.urlencode({"query": a.query, "start": a.start, "end": a.end, "step": a.step}).encode()
    head = (f"POST /api/v1/query_range HTTP/1.1\r\nHost: {where.netloc}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode()
    for run in range(a.runs):
        with socket.create_connection((where.hostname, where.port)) as s:
            before = cpu(a.pid)
            s.sendall(head + body)
            s.settimeout(1.0)
            try:
                got = s.recv(200)
                print(f"run {run + 1}: answered within a second, the query is too light: {got[:60]}")
                continue
            except TimeoutError:
                pass
            used = cpu(a.pid) - before
        hung_up = time.monotonic()
        at = [(0.0, cpu(a.pid))]
        while at[-1][0] < 2.0:
            time.sleep(0.005)
            at.append((time.monotonic() - hung_up, cpu(a.pid)))
        # The last moment whose following 100 ms used at least 10 ms.
        stop = 0.0
        for i, (t, c) in enumerate(at):
            later = next(((t2, c2) for t2, c2 in at[i:] if t2 >= t + 0.1), at[-1])
            if later[1] - c > 0.01:
                stop = t
        print(f"run {run + 1}: {used:.2f} s used in the second before, quiet from {1000 * stop:.0f} ms on, "
              f"{1000 * (next(c for t, c in at if t >= stop) - at[0][1]):.0f} ms of processor time used until then")


if __name__ == "__main__":
    main()
