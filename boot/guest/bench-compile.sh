#!/bin/sh
# bench-compile.sh ROUNDS: in a guest. Compile without events, and while events of the
# scheduler, of interrupts and of system calls go to ftrace's ring buffer, or to a trace with
# or without contexts; the sides take turns. Prints for each the time, and the number and
# bytes of events; and the same without the events of system calls.
set -e
tracing=/sys/kernel/tracing
instances=$tracing/instances
mkdir $instances/ring $instances/ltt $instances/bare
echo 8192 >$instances/ring/buffer_size_kb
echo mono_raw >$instances/ring/trace_clock
echo size=256K n=32 memory >$instances/ltt/relay
echo size=256K n=32 memory nocontext >$instances/bare/relay

# events SIDE 0|1 GROUP...
events() {
	to=$1 on=$2; shift 2
	[ "$to" = none ] || for group; do echo "$on" >"$instances/$to/events/$group/enable"; done
}
compile() {
	gcc -c -o /tmp/compiled.o -std=gnu11 -D_GNU_SOURCE -DRELAY_VERSION='"0"' \
		-iquote build/relay-tools/headers -Itools/relay/librelay tools/relay/librelay/error.c
}
# counted SIDE: the events so far, their bytes, and how many were lost
counted() {
	if [ "$1" = ring ]; then
		cat $instances/ring/per_cpu/cpu*/stats | awk '
			/^entries:/ { n += $2 } /^bytes:/ { b += $2 } /^(overrun|dropped events|commit overrun):/ { lost += $NF }
			END { print n, b, lost + 0 }'
	else
		# (Which closes the packets: others are not counted yet.)
		rm -rf /tmp/kept
		build/relay-tools/relayctl trace snapshot "$1" -o /tmp/kept >/dev/null
		awk 'NR > 1 { n += $2; b += $10; lost += $6 + $7 + $8 + $9 } END { print n, b, lost }' "/sys/kernel/relay/$1/stats"
	fi
}
# measured KINDS SIDE GROUP...: a compile with these events
measured() {
	kinds=$1 side=$2; shift 2
	[ $side = none ] || before=$(counted $side)
	events $side 1 "$@"
	start=$(date +%s%N)
	compile
	end=$(date +%s%N)
	events $side 0 "$@"
	echo "compile kinds=$kinds side=$side ns=$((end - start))"
	[ $side = none ] || echo "$before $(counted $side)" | awk -v kinds=$kinds -v side=$side \
		'{ print "events kinds=" kinds " side=" side " n=" $4 - $1 " bytes=" $5 - $2 " lost=" $6 - $3 }'
	case $side in
	ring) echo >$instances/ring/trace ;;
	ltt | bare) echo clear >$instances/$side/relay ;;
	esac
}
compile
for round in $(seq "$1"); do
	for side in none ring ltt bare; do measured many $side sched irq syscalls; done
done
for side in ring ltt bare; do measured few $side sched irq; done
