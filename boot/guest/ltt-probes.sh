#!/bin/sh
# ltt-probes.sh BUILD KMOD: in a guest. Record dynamic probes, synthetic events and triggers
# in an instance whose events go to relay. The recordings are left in $OUT.
kmod=$2
. boot/guest/sample.sh
. boot/guest/tools.sh
tracing=/sys/kernel/tracing
at=$tracing/instances/live
events=$at/events/relay_ltt

insmod "$kmod/relay_ltt.ko" || exit 1
fire() { echo "$1" >/sys/kernel/debug/relay-ltt; }

probes() {
	# A program on a file system that probes can be set on, and its first instruction.
	mkdir -p /tmp/programs && busybox mount -t tmpfs none /tmp/programs && cp /bin/busybox /tmp/programs/ &&
	entry=$(busybox printf %x $((0x$(od -An -tx8 -j24 -N8 /bin/busybox | tr -d ' ') - 0x400000))) &&
	echo 'p:probes/open do_sys_openat2 path=+0(%si):ustring' >$tracing/kprobe_events &&
	echo 'r:probes/opened do_sys_openat2 fd=$retval:s64' >>$tracing/kprobe_events &&
	echo "p:programs/entered /tmp/programs/busybox:0x$entry words=+8(%sp):string[2] words_count=+0(%sp):u64" >$tracing/uprobe_events &&
	relayctl trace create live size=64K n=16 memory && cat $at/relay &&
	relayctl trace enable live 'probes:*' 'programs:*' && /tmp/programs/busybox cat /etc/relay.dir &&
	echo 0 >$at/events/probes/enable && echo 0 >$at/events/programs/enable
}
result "probes in the kernel and in programs" probes

# Those of functions, where the kernel has them (x86_64-rt).
functions() {
	echo 'f:functions/called do_sys_openat2 path=+0($arg2):ustring' >>$tracing/dynamic_events &&
	echo 'f:functions/returned do_sys_openat2%return fd=$retval:s64' >>$tracing/dynamic_events &&
	relayctl trace enable live 'functions:*' && cat /etc/relay.dir && echo 0 >$at/events/functions/enable &&
	: >"$OUT/functions"
}
! grep -q 'func-name>\[%return\]' $tracing/README || result "probes of functions" functions

# An event that a histogram makes of two others.
synthetic() {
	echo 'joined u8 n; char text[]; u64 time' >$tracing/synthetic_events &&
	echo 1 >$at/events/synthetic/joined/enable &&
	echo 'hist:keys=common_pid:begun=common_timestamp.usecs' >$events/shape_integers/trigger &&
	echo 'hist:keys=common_pid:time=common_timestamp.usecs-$begun:onmatch(relay_ltt.shape_integers).joined(between,first,$time)' \
		>$events/shape_strings/trigger && fire 5
}
result "synthetic events" synthetic

# Each is what it is in an instance with a ring buffer.
triggers() {
	echo 'enable_event:relay_ltt:shape_names:1 if byte == 3' >$events/shape_small/trigger &&
	echo 'stacktrace:2' >$events/shape_strings/trigger &&
	echo 'hist:keys=head:sort=head' >$events/shape_dynamic/trigger &&
	for i in shape_small shape_strings shape_dynamic; do echo 1 >$events/$i/enable || return 1; done
	fire 5 && cat $events/shape_dynamic/hist && grep -q 'Hits: 5' $events/shape_dynamic/hist &&
	[ "$(cat $events/shape_names/enable)" = '1*' ] &&
	echo 'traceoff if byte == 2' >$events/shape_small/trigger && fire 5 && [ "$(cat $at/tracing_on)" = 0 ]
}
result "triggers" triggers

mkdir -p "$OUT/recovered"
keep() { cat $at/error_log && relayctl trace snapshot live -o "$OUT/recovered/live"; }
result "kept" keep
# A trigger with variables keeps the instance.
gone() {
	! relayctl trace destroy live 2>/tmp/said && grep 'is in use: .* a trigger' /tmp/said &&
		grep -h '^hist' $events/shape_small/trigger $events/shape_integers/trigger | while read -r trigger; do
			# (As it was written, without what the kernel tells of it.)
			trigger=${trigger% \[*}
			for event in shape_small shape_integers; do
				echo "!$trigger" >$events/$event/trigger 2>/dev/null
			done
		done
	relayctl trace destroy live && [ ! -e $at ] && echo >$tracing/kprobe_events &&
		echo >$tracing/uprobe_events && echo >$tracing/synthetic_events &&
		echo >$tracing/dynamic_events && rmmod relay_ltt
}
result "gone" gone
