#!/bin/sh
# ltt-hard.sh BUILD KMOD: in a guest. Trace under load, while strings change, while programs
# switch events and instances, and after random commands (ltt-hard.py). The recordings are left
# in $OUT, for boot/ltt-hard-check.py.
BUILD=$1 kmod=$2
. boot/guest/sample.sh
. boot/guest/tools.sh
tracing=/sys/kernel/tracing
instances=$tracing/instances
hard=/sys/kernel/debug/ltt-hard
seed=${SEED:-1}

insmod "$kmod/relay_ltt.ko" && insmod "$kmod/ltt_hard.ko" || exit 1
# An end of an event waits for RCU.
echo 1 >/sys/kernel/rcu_expedited

# divert NAME OPTION...: an instance, which may exist, whose events go to relay
divert() {
	at=$instances/$1; shift
	mkdir -p "$at" && echo "$@" >"$at/relay" && cat "$at/relay"
}

# on NAME EVENT [FILTER]
on() {
	[ -z "$3" ] || echo "$3" >"$instances/$1/events/$2/filter" || return 1
	echo 1 >"$instances/$1/events/$2/enable"
}

# keep NAME...: the trace of an instance, and where its events went; the instance goes
keep() {
	for kept; do
		relayctl trace stop "$kept" && cp "/sys/kernel/relay/$kept/stats" "$OUT/$kept.stats" &&
		relayctl trace snapshot "$kept" -o "$OUT/$kept" && relayctl trace destroy "$kept" || return 1
	done
}

# Each is staged, in a task, in a hard interrupt, in an NMI; and two that are not, of which one
# is soon full, and loses events to its end.
contexts() {
	cat $hard/fired >"$OUT/before.fired"
	# Staging needs a buffer that overwrites: the instance sees to that.
	mkdir $instances/odd && echo 0 >$instances/odd/options/overwrite || return 1
	for each in every odd plain; do divert $each size=256K n=32 memory || return 1; done
	divert full size=4K n=4 memory || return 1
	[ "$(cat $instances/odd/options/overwrite)" = 1 ] && ! echo 0 >$instances/odd/options/overwrite || return 1
	cat /proc/interrupts >"$OUT/interrupts"
	on every ltt_hard/fired 'number > 0' && on odd ltt_hard/fired 'number & 1' && on plain ltt_hard/fired && on full ltt_hard/fired &&
	# On one CPU, because ftrace counts a trigger down without a lock.
	echo 'stacktrace:5 if where == 1 && CPU == 0' >$instances/odd/events/ltt_hard/fired/trigger || return 1
	if [ -e $tracing/events/ltt_hard/fired/hist ]; then
		echo 'hist:keys=where' >$instances/every/events/ltt_hard/fired/trigger || return 1
	fi
	echo "${EVENTS:-3000}" >$hard/fire || return 1
	cat $hard/fired >"$OUT/contexts.fired"
	if [ -e $tracing/events/ltt_hard/fired/hist ]; then
		cat $instances/every/events/ltt_hard/fired/hist >"$OUT/hist" && cat "$OUT/hist" &&
		echo '!hist:keys=where' >$instances/every/events/ltt_hard/fired/trigger
	fi
	keep every odd plain full
}
result "staged in all contexts" contexts

# The parts of a recording, with losses between them.
lossy() {
	channel=lossy
	divert lossy size=4K n=4 memory && on lossy ltt_hard/fired && echo 500 >$hard/fire &&
	start_record -q -s 4K -o "$OUT/lossy" && until_drained && echo 500 >$hard/fire &&
	relayctl trace stop lossy && stop_record && cp /sys/kernel/relay/lossy/stats "$OUT/lossy.stats" &&
	relayctl trace destroy lossy
}
result "events are lost while a recording is divided" lossy

# From a page that the staging buffer has on to what no packet has.
large() {
	divert large size=8K n=32 memory && divert staged size=8K n=32 memory &&
	mkdir $instances/wide && echo 16 >$instances/wide/buffer_subbuf_size_kb &&
	echo size=32K n=8 memory >$instances/wide/relay &&
	on large ltt_hard/large && on staged ltt_hard/large 'size >= 0' &&
	on wide ltt_hard/large 'size >= 0' || return 1
	for size in 0 1 1000 2000 3900 4000 4030 4060 4090 4100 5000 8000 8100 8200 9000 10240; do
		echo $size >$hard/large || return 1
	done
	keep large staged wide
}
result "events that are larger than a page" large

# Strings that change between the look at their length and the copy.
changing() {
	divert changing size=64K n=32 overwrite memory && divert filtered size=64K n=32 overwrite memory || return 1
	for event in shape_strings shape_relative mark_bytes mark_text; do
		on changing relay_ltt/$event || return 1
	done
	on filtered relay_ltt/shape_strings 'between < 200' && on filtered relay_ltt/mark_text 'before > 0' || return 1
	if [ -e $tracing/uprobe_events ]; then
		mkdir -p /tmp/programs && busybox mount -t tmpfs none /tmp/programs && cp /bin/ltt-change /tmp/programs/ || return 1
		echo 'p:probes/path do_sys_openat2 path=+0(%si):ustring again=+0(%si):ustring' >$tracing/kprobe_events &&
		echo "p:programs/path /tmp/programs/ltt-change:0x$(cat /etc/relay.offset) path=+0(%di):string again=+0(%di):string" >$tracing/uprobe_events &&
		on changing probes/path && on changing programs/path && program=/tmp/programs/ltt-change || return 1
	else
		program=$OUT/ltt-change
	fi
	on changing syscalls/sys_enter_openat || return 1
	echo "${EVENTS:-3000}" >/sys/kernel/debug/relay-ltt-change || return 1
	$program "$seed" "${EVENTS:-3000}" || return 1
	keep changing filtered && echo >$tracing/dynamic_events
}
result "strings that change" changing

if command -v python3 >/dev/null; then
	program() {
		python3 boot/guest/ltt-hard.py "$seed" "$1" "$kmod" "$OUT"
	}
	switched() {
		divert switched size=64K n=32 overwrite memory metadata=1M && divert come size=64K n=8 memory metadata=1M &&
		program switch && keep switched come
	}
	result "markers are switched while all CPUs fire them" switched

	four() {
		cat $hard/fired >"$OUT/four.before"
		divert one size=256K n=16 memory && divert two size=4K n=8 overwrite memory nocontext &&
		divert three size=16K n=64 reserved timer=20 && divert four size=64K n=16 nocontext memory &&
		on one ltt_hard/fired 'number & 1' && on two ltt_hard/fired && on three ltt_hard/fired 'where == 1' &&
		on four relay_ltt/shape_small 'byte < 50' && on four relay_ltt/shape_integers || return 1
		echo 2000 >/sys/kernel/debug/relay-ltt &
		echo 3000 >$hard/fire && wait $! || return 1
		cat $hard/fired >"$OUT/four.fired"
		keep one two three four
	}
	result "four traces at once" four

	gaps() {
		divert gaps size=64K n=4 memory && program gaps && keep gaps
	}
	result "events far apart" gaps

	result "whatever is written to the file relay" program fuzz
fi
rmmod ltt_hard && rmmod relay_ltt
