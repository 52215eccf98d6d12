#!/bin/sh
# bench-compile.sh ROUNDS: in a guest. How long it takes to compile librelay, without events
# and while the scheduler's, interrupts' and system calls' go to ftrace's ring buffer or to a
# trace; the sides take turns. Prints the nanoseconds of each.
set -e
tracing=/sys/kernel/tracing
instances=$tracing/instances
mkdir $instances/ring $instances/ltt
echo 8192 >$instances/ring/buffer_size_kb
echo size=256K n=32 memory >$instances/ltt/relay

# events SIDE 0|1
events() {
	[ "$1" = none ] || for group in sched irq syscalls; do echo "$2" >"$instances/$1/events/$group/enable"; done
}
compile() {
	rm -rf /tmp/compiled
	make -s -C tools/relay O=/tmp/compiled lib >/dev/null
}
compile
for round in $(seq "$1"); do
	for side in none ring ltt; do
		events $side 1
		start=$(date +%s%N)
		compile
		end=$(date +%s%N)
		events $side 0
		echo "compile side=$side ns=$((end - start))"
		[ $side != ltt ] || {
			awk 'NR > 1 { n += $2; lost += $6 + $7 + $8 + $9 } END { print "compile events=" n " lost=" lost }' /sys/kernel/relay/ltt/stats
			echo clear >$instances/ltt/relay
		}
		[ $side != ring ] || echo >$instances/ring/trace
	done
done
