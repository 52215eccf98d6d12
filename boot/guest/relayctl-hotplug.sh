#!/bin/sh
# relayctl-hotplug.sh BUILD RECORDS SEED: runs in a guest that starts with CPU 0 of
# two. CPU 1 comes online, goes offline and comes back while relayctl record runs.
BUILD=$1 records=$2 seed=$3
. boot/guest/sample.sh
. boot/guest/tools.sh
cpu1=/sys/devices/system/cpu/cpu1/online
cpu1_written() { sed -n 's/^writer 1 task \([0-9]*\) .*/\1/p' $sample/stats; }

# Everything that is committed arrives; the rest is told.
accounted() {
	cat /tmp/record.err
	relayctl cat "$1" 2>/tmp/lost | check_sample - >/tmp/said || return 1
	cat /tmp/said
	same "received, committed" "$(said received </tmp/said)" "$(counted committed)" &&
		same "received, discarded and lost, written" \
			$(($(said received </tmp/said) + $(counted discarded) + $(lost))) \
			"$(sed -n 's/^writer [0-9]* [^ ]* \([0-9]*\) .*/\1/p' $sample/stats |
				awk '{ sum += $1 } END { print sum }')"
}

comes() {
	[ ! -e /sys/kernel/relay/$channel/cpu1 ] || return 1
	start_record -o /tmp/a
	echo 1 >$cpu1 && [ -e /sys/kernel/relay/$channel/cpu1 ] || return 1
	write_records 1000
	# It is found while it records, not only in the end.
	while ! [ -s /tmp/a/cpu1 ]; do busybox usleep 10000; done
	stop_record && accounted /tmp/a
}

goes() {
	echo 0 >$cpu1
	write_records 100
	start_record -o /tmp/b
	stop_record && relayctl cat -c 1 /tmp/a /tmp/b >/tmp/cpu1 && check_sample - </tmp/cpu1
}

# Away and back, as often as it can while the writers run.
comes_and_goes() {
	echo 1 >$cpu1
	start_record -o /tmp/c
	echo "$records" >$sample/control
	cat $sample/control &
	writers=$!
	while kill -0 $writers 2>/dev/null && [ "$(cpu1_written)" -lt 1500 ]; do :; done
	times=0
	while kill -0 $writers 2>/dev/null; do
		echo 0 >$cpu1 && echo 1 >$cpu1 || break
		times=$((times + 1))
	done
	echo "$times times, CPU 1 wrote $(cpu1_written)"
	stop_record && [ $times -ge 3 ]
}
adds_up() {
	mkdir /tmp/all
	relayctl cat /tmp/a /tmp/b /tmp/c 2>/tmp/lost >/tmp/all/payload
	check_sample - </tmp/all/payload >/tmp/said || return 1
	cat /tmp/said
	same "received, committed" "$(said received </tmp/said)" "$(counted committed)"
}

echo "# seed $seed"
load seed="$seed" n_subbufs=64
result "CPU 1 comes while a channel is recorded" comes
result "CPU 1 goes" goes
result "CPU 1 comes and goes while both write" comes_and_goes
result "nothing is lost" adds_up
rmmod relay_sample
