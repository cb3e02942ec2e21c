#!/bin/bash
# record.sh NAME COMMAND...: record the page allocations and frees of one command and its children.
set -eu
if [ $# -lt 2 ]; then
    cat >&2 <<'USAGE'
usage: record.sh NAME COMMAND...

Records the page allocations and frees of COMMAND and its children with perf, which must be
allowed to (as root, or kernel.perf_event_paranoid = -1). Writes NAME.data, NAME.txt (what
anypage replay reads), NAME.stdout and NAME.stderr to $TRACE_WORK, or to ./trace-work.
Prints the number of reports of lost events, which should be 0, and how often each event occurs.
USAGE
    exit 2
fi
name=$1; shift
out=${TRACE_WORK:-$PWD/trace-work}
mkdir -p "$out"
perf record -q -o "$out/$name.data" -m 16M --no-buildid --no-buildid-cache \
    -e kmem:mm_page_alloc,kmem:mm_page_free,sched:sched_process_exit -- "$@" \
    >"$out/$name.stdout" 2>"$out/$name.stderr" || echo "$name: command rc $?"
perf script -i "$out/$name.data" --show-lost-events --ns -F pid,tid,cpu,time,event,trace \
    2>/dev/null >"$out/$name.txt" || true
grep -c LOST "$out/$name.txt" || true
ls -la "$out/$name.data"
cut -c1-400 "$out/$name.txt" | grep -o 'kmem:mm_page_[a-z]*\|sched:[a-z_]*' | sort | uniq -c
