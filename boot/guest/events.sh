#!/bin/sh
# events.sh BUILD: in a guest, test relay-first and relay-events of samples/relay.
BUILD=$1
. boot/guest/sample.sh
events=/sys/kernel/relay/relay-events
mark() { echo "$1" >$events/mark; }
committed() { awk 'NR > 1 { n += $2 } END { print n }' $events/stream/stats; }
watchers() { ls -l /proc/[0-9]*/fd 2>/dev/null | grep -c "$events/stream/all"; }

insmod "$BUILD/samples/relay/relay-first.ko" || exit 1
first() {
	python3 samples/relay/relay-first.py 20 >/tmp/first || return 1
	cat /tmp/first
	# Each tick, in order, and time does not go back.
	awk '$5 != NR || $1 < last { exit 1 } { last = $1 } END { exit NR != 20 }' /tmp/first
}
result "the first channel is read" first
result "the first channel goes" rmmod relay_first

insmod "$BUILD/samples/relay/relay_events.ko" subbuf_size=512 n_subbufs=2 || exit 1
unwatched() { mark nobody && [ "$(committed)" = 0 ]; }
result "nothing is recorded while nobody watches" unwatched

watched() {
	"$BUILD/samples/relay/relay-events-read" -n 3 >/tmp/events &
	until [ "$(watchers)" -gt 0 ]; do busybox usleep 1000; done
	mark one && mark "two and a half" && mark three && wait $! && cat /tmp/events
	sed 's/^ *[0-9]* \[[0-9]*\] //' /tmp/events | paste -sd, | grep -qx 'one,two and a half,three' &&
		[ "$(committed)" = 3 ]
}
result "what is marked comes out, in order" watched

lossy() {
	# A watcher who does not read: two sub-buffers hold 20 events at most.
	exec 3<$events/stream/cpu0 4<$events/stream/cpu1
	for i in $(seq 100); do mark "event $i"; done
	lost=$((100 - $(committed) + 3))
	exec 3<&- 4<&-
	"$BUILD/samples/relay/relay-events-read" >/tmp/events &
	until [ "$(watchers)" -gt 0 ]; do busybox usleep 1000; done
	# Each CPU tells with its next sub-buffer.
	until grep -q "were lost" /tmp/events; do
		busybox taskset 1 sh -c "echo x >$events/mark"
		busybox taskset 2 sh -c "echo x >$events/mark"
		busybox usleep 10000
	done
	# (Until it is gone, so is not the module.)
	kill $!
	wait $!
	cat /tmp/events
	[ $lost -gt 50 ]
}
result "losses are told" lossy
result "the module goes" rmmod relay_events
