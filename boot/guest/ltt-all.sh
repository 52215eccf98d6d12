#!/bin/sh
# ltt-all.sh BUILD KMOD: in a guest. Record every event of the kernel, on every CPU, from
# every context, some with stacks. The recordings are left in $OUT.
kmod=$2
. boot/guest/sample.sh
. boot/guest/tools.sh
at=/sys/kernel/tracing/instances/everything

insmod "$kmod/relay_ltt.ko" || exit 1

everything() {
	relayctl trace create everything size=256K n=16 memory && echo 1 >$at/events/enable || return 1
	# On one CPU, because ftrace counts a trigger down without a lock.
	echo 'stacktrace:20 if CPU == 0' >$at/events/relay_ltt/shape_outer/trigger
	for cpu in 1 2 4 8; do
		(busybox taskset $cpu sh -c 'echo 50 >/sys/kernel/debug/relay-ltt'; ls -R /sys/kernel/relay /proc/self >/dev/null 2>&1) &
	done
	wait
	echo 0 >$at/events/enable && cat $at/error_log
}
result "every event of the kernel" everything

mkdir -p "$OUT/recovered"
# Of each event that fired it is known what became of it.
kept() {
	relayctl trace snapshot everything -o "$OUT/recovered/everything" && cat /sys/kernel/relay/everything/stats &&
		awk 'NR > 1 { n += $2; lost += $6 + $7 + $8 + $9 } END { print n, lost }' /sys/kernel/relay/everything/stats >"$OUT/counted" &&
		relayctl trace destroy everything && rmmod relay_ltt
}
result "kept" kept
