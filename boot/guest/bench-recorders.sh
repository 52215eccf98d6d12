#!/bin/sh
# bench-recorders.sh ROUNDS EVENTS: in a guest of QEMU. Measure the CPU time in which relayctl
# record (from a trace) and trace-cmd record (from ftrace's ring buffer) store the same events
# of relay_ltt.ko, and in which they start and end without an event. They take turns. Prints
# a line for each: CPU time of the recorder with its processes, and the bytes that it stored.
# (User-mode Linux counts CPU time in ticks, and includes time in which the host did not run it.)
set -e
PATH=/usr/sbin:/usr/bin:/sbin:/bin
relayctl=$PWD/build/relay-tools/relayctl
instance=/sys/kernel/tracing/instances/ltt
events="shape_integers shape_strings shape_dynamic"
busybox insmod /relay_ltt.ko
mkdir $instance
# 8 MiB for each CPU, in both.
echo size=256K n=32 memory >$instance/relay
mkfifo /tmp/began /tmp/end

# fire N: by this process, so that it is not in the time of the recorder. An eighth of a
# buffer at once, so that a recorder that is not late loses nothing.
fire() {
	left=$1
	while [ "$left" -gt 0 ]; do
		echo 10000 >/sys/kernel/debug/relay-ltt
		busybox usleep 20000
		left=$((left - 10000))
	done
}

# measured RECORDER...: until it is told the end
measured() {
	busybox time -o /tmp/time -f '%U %S' "$@" -- sh -c 'echo >/tmp/began; read line </tmp/end'
}

record_relayctl() { measured "$relayctl" record -q -o trace ltt; }
record_tracecmd() {
	# shellcheck disable=SC2046
	measured trace-cmd record -q --compression none -B ring -b 8192 -o trace.dat $(printf -- '-e relay_ltt:%s ' $events) >/dev/null
}

# (trace-cmd makes files where it is, whatever its output is.)
mkdir /tmp/recorded
cd /tmp/recorded
for round in $(seq "$1"); do
	for side in relayctl tracecmd; do
		for n in 0 "$2"; do
			[ $side = relayctl ] && on=1 || on=0
			for event in $events; do echo $on >$instance/events/relay_ltt/"$event"/enable; done
			record_$side &
			read -r line </tmp/began
			fire "$n"
			echo >/tmp/end
			wait $!
			bytes=$(find . -type f -exec stat -c %s {} + | awk '{ n += $1 } END { print n }')
			rm -rf ./*
			awk -v words="recorder side=$side events=$n bytes=$bytes" '{ print words " user_ms=" 1000 * $1 " system_ms=" 1000 * $2 }' /tmp/time
		done
	done
done
