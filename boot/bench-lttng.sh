#!/bin/bash
# bench-lttng.sh DIR: measure the instructions of sched_switch in lttng-modules and in LTT; writes a
# file to DIR for each variant. If lttng-modules cannot be fetched, compiled or run, DIR/missing has
# the reason, and the exit status is 0, because this project does not control its mirrors.
#
# Both sides have a flight recorder of 16 sub-buffers of 64 KiB, the same 56 bytes of fields after
# a header of 4 bytes, no filter, and no reader. They differ in:
#
# - The clock. In "same" and "context" both read the time stamp counter, LTT by a static call,
#   lttng-modules by the pointer of a plugin. In "own" lttng-modules has its default, the monotonic
#   clock.
# - Contexts. "same" and "own" have none. "context" compares LTT's struct ltt_context (8 bytes) with
#   the contexts tid, interruptible, preemptible and need_reschedule (7 bytes).
# - lttng-modules calls a function by a pointer for each field. The kernel is compiled without
#   mitigations for CPUs, so that such a call is one instruction.
# - lttng-modules copies the two names of threads byte by byte, and fills up the rest; LTT copies
#   16 bytes each. Here both names are "busybox".
# - QEMU counts each iteration of an instruction with "rep". lttng-modules clears structures with
#   such instructions: 41 iterations an event.
. "$(dirname "$0")/lib.sh"
out=$1 rounds=21
cd "$ROOT"
rm -rf "$out"
mkdir -p "$out"

# count NAME tsc|own [CONTEXT...]
count() {
	boot/qemu-run.sh -c 1 -t 300 -x "-icount shift=0,sleep=off" -a ltt_debug=0 -o "$out/guest" -f build/lttng/modules:/lttng \
		-f build/lttng/lttng_session:/lttng_session -f boot/guest/bench-ltt.sh:/bench-ltt.sh \
		-f "$BUILD/x86_64-ltt/relay_ltt.ko:/relay_ltt.ko" -f "$BUILD/x86_64-ltt/ltt_bench.ko:/ltt_bench.ko" \
		-- boot/guest/bench-lttng.sh $rounds "${@:2}" >"$out/$1" &&
		# Each event that was measured is there: 64 in a round.
		[ "$(sed -n 's/^lttng .*produced=//p' "$out/$1")" -ge $((rounds * 64 * 60)) ]
}

if ! boot/lttng.sh; then
	echo "lttng-modules could not be fetched or compiled" >"$out/missing"
elif ! { count same tsc && count own own &&
	count context tsc tid interruptible preemptible need_reschedule; }; then
	echo "a kernel with lttng-modules failed, or it did not record the events" >"$out/missing"
fi
[ ! -f "$out/missing" ] || stage "not measured: $(cat "$out/missing"), see above"
