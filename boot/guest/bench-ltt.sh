#!/bin/sh
# bench-ltt.sh DIR count|time ROUNDS [PEER COMMAND...]: in a guest. Measure the cost of an event in
# ftrace's ring buffer and in a trace, with and without contexts (modules in DIR); with PEER, the
# module of another tracer, also in that one. COMMAND starts the other tracer, and runs a command.
set -e
dir=$1 mode=$2 rounds=$3
shift 3
peer=
[ $# = 0 ] || { peer=$1; shift; }
tracing=/sys/kernel/tracing
instances=$tracing/instances
busybox insmod "$dir/relay_ltt.ko"
mkdir $instances/ring $instances/ltt $instances/bare
echo 1024 >$instances/ring/buffer_size_kb
# The same clock.
clock=mono_raw
! grep -q x86-tsc $instances/ring/trace_clock || clock=x86-tsc
echo $clock >$instances/ring/trace_clock
echo size=64K n=16 overwrite memory >$instances/ltt/relay
echo size=64K n=16 overwrite memory nocontext >$instances/bare/relay

# enable SIDE EVENT 0|1
enable() { echo "$3" >"$instances/$1/events/$2/enable"; }
for side in ring ltt bare; do
	echo 'small == 77' >$instances/$side/events/relay_ltt/shape_names/filter
	for event in shape_small shape_dynamic shape_names; do enable $side relay_ltt/$event 1; done
	enable $side sched/sched_switch 1
done
set -- "$@" busybox insmod "$dir/ltt_bench.ko" rounds="$rounds"
[ -z "$peer" ] || set -- "$@" peer="$peer"
[ "$mode" != count ] || set -- "$@" count=1
"$@"
dmesg | grep -o 'figure .*'
