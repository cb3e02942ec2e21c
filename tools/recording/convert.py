#!/usr/bin/env python3
"""convert.py perf|ftrace IN OUT.ptrc [EVENTS]: text of `perf script` or tracefs `trace` to PTRC1.

The format is in docs/recordings.md. IN may be packed with gzip; EVENTS limits the recording.
"""
import array, gzip, json, re, sys
if len(sys.argv) not in (4, 5) or sys.argv[1] not in ("perf", "ftrace"):
    sys.exit(__doc__)
kind, src, dst = sys.argv[1:4]
limit = int(sys.argv[4]) if len(sys.argv) > 4 else 10**9
P = re.compile(r"\s*(-?\d+)/(-?\d+)\s+\[(\d+)\]\s+(\d+)\.(\d{9}):\s+(?:\w+:)?(\w+): (.*)")
F = re.compile(r"\s*(.{16})-(\d+)\s+\[(\d+)\] (\S+)\s+(\d+)\.(\d{6}): (\w+): (.*)")
A = re.compile(r"pfn=0x([0-9a-f]+) order=(\d+)(?: migratetype=(-?\d+) gfp_flags=(\S+))?")
ev, gfps, tids, procs, exits = [], {}, {}, {}, {}
op_ = lambda f: (gzip.open(f, "rt", errors="replace") if f.endswith(".gz")
                 else open(f, errors="replace"))
for line in op_(src):
    m = (P if kind == "perf" else F).match(line)
    if not m: continue
    if kind == "perf":
        pid, tid, cpu, s, ns, name, rest = m.groups(); ts = int(s) * 10**9 + int(ns); ctx = 255
    else:
        _, tid, cpu, fl, s, us, name, rest = m.groups(); pid = tid
        ts = int(s) * 10**9 + int(us) * 1000
        ctx = ((fl[0] in "dD") | (fl[2] in "hHzZ") << 1 | (fl[2] in "sH") << 2
               | (fl[3] not in ".") << 3)
    if name == "sched_process_exit":
        ev.append((ts, int(cpu), int(tid), int(pid), 2, 0, 0, 0, 0, ctx)); continue
    a = A.search(rest)
    if not a or a[1] == "0": continue
    if name == "mm_page_alloc":
        ev.append((ts, int(cpu), int(tid), int(pid), 0, int(a[1], 16), int(a[2]), int(a[3]),
                   gfps.setdefault(a[4], len(gfps)), ctx))
    elif name == "mm_page_free":
        ev.append((ts, int(cpu), int(tid), int(pid), 1, int(a[1], 16), int(a[2]), 0, 0, ctx))
ev.sort(key=lambda e: e[0])
ev = ev[:limit]
# replay: which frees have their allocation in the trace; frees that must have been (perf detaches
# before exit_mm)
live, page, out = {}, {}, []  # live: head -> (order, index, pid); page: pfn -> head
exact = part = unknown = implied = 0
exit_at = {}
for e in ev:
    if e[4] == 2: exit_at[e[3]] = e
def drop(head):
    o = live.pop(head)[0]
    for p in range(head, head + (1 << o)): page.pop(p, None)
for e in ev:
    if e[4] == 0:
        heads = {page[p] for p in range(e[5], e[5] + (1 << e[6])) if p in page}
        for h in heads:
            o, at, pid = live[h]; x = exit_at.get(pid)
            when = x if x and at < x[0] < e[0] else e
            out.append((when[0], when[1], when[2], pid, 3, h, o, 0, 0, 255)); implied += 1; drop(h)
        live[e[5]] = (e[6], e[0], e[3])
        for p in range(e[5], e[5] + (1 << e[6])): page[p] = e[5]
    elif e[4] == 1:
        h = page.get(e[5])
        if h is None: unknown += 1
        elif h == e[5] and live[h][0] == e[6]: exact += 1; drop(h)
        else:  # split block: pages freed one by one
            part += 1; o, at, pid = live.pop(h)
            freed = set(range(e[5], e[5] + (1 << e[6])))
            for p in range(h, h + (1 << o)):
                page.pop(p, None)
                if p not in freed: live[p] = (0, at, pid); page[p] = p
    out.append(e)
order_at = {0: 2, 1: 1, 2: 3, 3: 0}
out.sort(key=lambda e: e[0])
n = len(out); base = out[0][0]
C = {k: array.array(t) for k, t in (("dt_ns", "I"), ("pfn", "I"), ("tid", "H"), ("op", "B"),
                                    ("order", "B"), ("mt", "B"), ("cpu", "B"), ("gfp", "B"),
                                    ("ctx", "B"))}
prev = base
for ts, cpu, tid, pid, op, pfn, order, mt, gfp, ctx in out:
    C["dt_ns"].append(min(ts - prev, 2**32 - 1)); prev = ts
    C["pfn"].append(pfn); C["op"].append(op); C["order"].append(order)
    C["mt"].append(mt & 255); C["cpu"].append(cpu)
    C["gfp"].append(gfp); C["ctx"].append(ctx)
    C["tid"].append(tids.setdefault((tid, pid), len(tids)))
allocs = sum(e[4] == 0 for e in out); frees = exact + part + unknown
orders = {}
for e in out:
    if e[4] == 0: orders[e[6]] = orders.get(e[6], 0) + 1
head = {"events": n, "base_ts_ns": base, "span_s": round((prev - base) / 1e9, 3),
        "allocs": allocs, "frees": frees, "frees_matched_exact": exact,
        "frees_matched_part": part, "frees_unmatched": unknown, "implied_frees": implied,
        "live_at_end_pages": len(page), "orders": dict(sorted(orders.items())),
        "columns": [[k, v.typecode, v.itemsize] for k, v in C.items()],
        "gfp": list(gfps), "tid": [list(t) for t in tids],
        "irq_context_events": sum(1 for x in C["ctx"] if x != 255 and x & 6),
        "irqs_off_events": sum(1 for x in C["ctx"] if x != 255 and x & 1)}
j = json.dumps(head).encode(); j += b" " * (-len(j) % 8)
with open(dst, "wb") as f:
    f.write(b"PTRC1\0\0\0" + len(j).to_bytes(8, "little") + j)
    for v in C.values(): f.write(v.tobytes())
print(dst, {k: v for k, v in head.items() if k not in ("columns", "gfp", "tid")},
      len(gfps), "gfp", len(tids), "tids")
