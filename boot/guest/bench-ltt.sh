#!/bin/sh
# bench-ltt.sh DIR count|time ROUNDS: in a guest. What an event costs in ftrace's ring buffer
# and in a trace, with and without contexts (modules in DIR), and how many bytes it has there.
set -e
dir=$1 mode=$2 rounds=$3
tracing=/sys/kernel/tracing
instances=$tracing/instances
busybox insmod "$dir/relay_ltt.ko"
mkdir $instances/ring $instances/ltt $instances/bare
echo 1024 >$instances/ring/buffer_size_kb
echo size=64K n=16 overwrite memory >$instances/ltt/relay
echo size=64K n=16 overwrite memory nocontext >$instances/bare/relay

# enable SIDE EVENT 0|1
enable() { echo "$3" >"$instances/$1/events/$2/enable"; }
for side in ring ltt bare; do
	echo 'small == 77' >$instances/$side/events/relay_ltt/shape_names/filter
	for event in shape_small shape_dynamic shape_names; do enable $side relay_ltt/$event 1; done
	enable $side sched/sched_switch 1
done
if [ "$mode" = count ]; then
	busybox insmod "$dir/ltt_bench.ko" count=1 rounds="$rounds"
	dmesg | grep -o 'figure .*'
	exit
fi
busybox insmod "$dir/ltt_bench.ko" rounds="$rounds"
dmesg | grep -o 'figure .*'

# bytes SIDE: of all events so far, and their number
bytes() {
	if [ "$1" = ring ]; then
		cat $instances/ring/per_cpu/cpu*/stats | awk '/^bytes:/ { b += $2 } /^entries:/ { n += $2 } END { print b, n }'
	else
		# (Which closes the packets: others are not counted yet.)
		rm -rf /tmp/kept && build/relay-tools/relayctl trace snapshot "$1" -o /tmp/kept >/dev/null
		awk 'NR > 1 { b += $10; n += $2 } END { print b, n }' "/sys/kernel/relay/$1/stats"
	fi
}
for event in relay_ltt/shape_small relay_ltt/shape_dynamic sched/sched_switch; do
	for side in ring ltt bare; do
		echo 0 >$instances/$side/events/enable
		enable $side $event 1
	done
	echo >$instances/ring/trace
	: >/tmp/before
	for side in ring ltt bare; do echo "$side $(bytes $side)" >>/tmp/before; done
	echo 2000 >/sys/kernel/debug/relay-ltt
	[ $event != sched/sched_switch ] || for _ in $(seq 500); do busybox usleep 1; done
	for side in ring ltt bare; do echo 0 >$instances/$side/events/enable; done
	for side in ring ltt bare; do
		echo "$(grep "^$side " /tmp/before) $(bytes $side)" |
			awk -v event="${event#*/}" '{ print "bytes event=" event " side=" $1 " bytes=" $4 - $2 " events=" $5 - $3 }'
	done
done
