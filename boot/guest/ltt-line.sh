#!/bin/sh
# ltt-line.sh BUILD: in a guest. Record a function's probe and system calls of a command by
# relayctl trace record. The recordings are left in $OUT.
BUILD=$1
. boot/guest/sample.sh
. boot/guest/tools.sh
tracing=/sys/kernel/tracing

mkdir -p "$OUT/recovered"
nothing_left() { [ -z "$(cat $tracing/dynamic_events; ls $tracing/instances)" ]; }

probe() {
	relayctl trace record -o "$OUT/recovered/line" -e kprobe:vfs_read -e kprobe:vfs_open+0 -e syscalls:sys_enter_read \
		memory -- head -c 1 /proc/version && nothing_left
}
result "a probe is made, and removed" probe

refused() {
	! relayctl trace record -e kprobe:vfs_read -e kprobe:no_such -- true 2>/tmp/said || return 1
	cat /tmp/said
	grep -q "dynamic_events: " /tmp/said && [ "$(grep -c dynamic_events /tmp/said)" = 1 ] && nothing_left
}
result "one of two probes cannot be" refused
