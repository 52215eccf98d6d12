#!/bin/sh
# readers.sh BUILD RESET SEED: runs in a guest. Run relayctl record, and a merge, beside another
# reader, and on a channel that its owner resets (the module RESET). Check that stored records
# are complete, and that missing ones are reported.
BUILD=$1 reset=$2 seed=$3
. boot/guest/sample.sh
. boot/guest/tools.sh

# busy NAME FUNCTION PARAMETER...: a test while the sample writes
busy() {
	name=$1 function=$2; shift 2
	load seed="$seed" n_subbufs=16 subbuf_size=4096 period_us=100 burst=16 "$@"
	rm -rf /tmp/a /tmp/b
	echo 100000000 >$sample/control
	result "$name" "$function"
	write_records 0
	rmmod relay_sample
	seed=$((seed + 1))
}

# Waits until so many records more are committed.
until_written() {
	end=$(($(counted committed) + $1))
	while [ "$(counted committed)" -lt $end ]; do busybox usleep 10000; done
}

# relayctl_ends SIGNAL PID: within a minute; the channel goes on
relayctl_ends() {
	kill -"$1" "$2"
	timeout 60 sh -c "while [ -e /proc/$2 ] && ! grep -q '^State:.Z' /proc/$2/status; do busybox usleep 10000; done"
	ended=$?
	[ $ended = 0 ] || kill -KILL "$2"
	return $ended
}

# read_beside: cat of each CPU's file; $readers
read_beside() {
	for cpu in 0 1; do
		cat /sys/kernel/relay/$channel/cpu$cpu >/dev/null &
		readers="$readers $!"
	done
}

# Each number up to the last one is of a sub-buffer that is stored or told as missed.
numbers_add_up() {
	python3 - "$@" <<'END'
import glob, struct, sys
stored = set()
for recording in sys.argv[1:]:
    at, n, missed = {}, 0, 0
    index = open(recording + "/index", "rb").read()[128:]
    for entry in struct.iter_unpack("<IIQQIIQQQQ4I", index):
        cpu, ended, sequence, gone = entry[0], entry[1] & 1, entry[2], entry[9]
        assert sequence - gone == at.get(cpu, sequence - gone), (recording, entry, at)
        at[cpu] = sequence + (not ended)
        missed += gone
        if not ended:
            assert (cpu, sequence) not in stored, (recording, entry)
            stored.add((cpu, sequence))
            n += 1
    print(recording, n, "sub-buffers stored,", missed, "missed")
    assert n
END
}

# goes_on_beside: the recorder, and cat of each CPU's file meanwhile; sets ok
goes_on_beside() {
	readers=''
	read_beside
	until_written 40000
	ok=0
	relayctl_ends INT $recorder || { echo "it did not end"; ok=1; }
	kill $readers
	wait $recorder
	same "exit status" $? 0 || ok=1
	cat /tmp/record.err
}

# beside OPTION...: a recording beside cat
beside() {
	start_record -o /tmp/a "$@"
	goes_on_beside
	relayctl cat -q /tmp/a | check_sample - || ok=1
	numbers_add_up /tmp/a || ok=1
	return $ok
}
beside_copying() { beside; }
beside_splicing() { beside --splice; }

# A stream goes on, too, and is no damaged one.
beside_streaming() {
	mkfifo /tmp/pipe
	relayctl cat -q - </tmp/pipe >/tmp/payload 2>/tmp/cat.err &
	printer=$!
	"$tools/relayctl" record -o - $channel >/tmp/pipe 2>/tmp/record.err &
	recorder=$!
	until_ready $recorder
	rm /tmp/pipe
	goes_on_beside
	wait $printer
	same "status of cat" $? 0 || ok=1
	cat /tmp/cat.err
	check_sample - </tmp/payload && [ -s /tmp/payload ] && [ $ok = 0 ]
}

# Two recordings of a channel have each a part of it.
two() {
	start_record -o /tmp/b "$@"
	other=$recorder
	mv /tmp/record.err /tmp/other.err
	start_record -o /tmp/a
	until_written 20000
	write_records 0
	kill -INT $other $recorder
	wait $other
	same "exit status" $? 0 || return 1
	wait $recorder
	same "exit status" $? 0 || return 1
	cat /tmp/record.err /tmp/other.err
	sum=0
	for recording in /tmp/a /tmp/b; do
		relayctl cat -q $recording | check_sample - >/tmp/said || { cat /tmp/said; return 1; }
		cat /tmp/said
		sum=$((sum + $(said received </tmp/said)))
	done
	echo "stored $sum, committed $(counted committed)"
	[ $sum -le "$(counted committed)" ] && numbers_add_up /tmp/a /tmp/b
}
# Print a busy channel beside another reader, again and again, until there is some output.
print_beside() {
	readers=''
	read_beside
	end=$(($(counted committed) + 40000)) ok=0
	while [ "$(counted committed)" -lt $end ] || ! [ -s /tmp/payload ]; do
		relayctl cat --now --quiet --live $channel || { ok=1; break; }
	done >/tmp/payload
	kill $readers
	[ $ok = 0 ] && check_sample - </tmp/payload
}

# The records of all CPUs in order, beside another reader, again and again, until there are some.
merge_beside() {
	readers=''
	read_beside
	end=$(($(counted committed) + 40000)) ok=0 received=0
	while [ "$(counted committed)" -lt $end ] || [ $received = 0 ]; do
		check_sample -m $channel >/tmp/said || { ok=1; cat /tmp/said; break; }
		received=$((received + $(said received </tmp/said)))
	done
	kill $readers
	echo "received $received"
	[ $ok = 0 ]
}

two_copying() { two; }
two_splicing() { two --splice; }

# The bytes of whole records, whose numbers go up.
whole_records() {
	python3 -c '
import sys
data, last = sys.stdin.buffer.read(), -1
assert data and len(data) % 100 == 0, len(data)
for at in range(0, len(data), 100):
    record = data[at:at + 100]
    number = int.from_bytes(record[:4], "little")
    assert number > last, ("back", at, number, last)
    assert record[4:] == bytes((number + i) & 255 for i in range(4, 100)), ("torn", at)
    last = number
print(len(data) // 100, "whole records")'
}

resets() { cat /sys/module/relay_reset/parameters/resets; }
until_reset() {
	end=$(($(resets) + $1))
	while [ "$(resets)" -lt $end ]; do busybox usleep 10000; done
}

# reset_and_record OPTION...: a recording of the channel that is reset
reset_and_record() {
	channel=reset
	start_record -o /tmp/a "$@"
	until_reset 200
	relayctl_ends INT $recorder
	wait $recorder
	same "exit status" $? 0 || { cat /tmp/record.err; return 1; }
	cat /tmp/record.err
	! grep -q 'nother reader cons' /tmp/record.err && numbers_add_up /tmp/a &&
		relayctl cat -q /tmp/a | whole_records
}
reset_copying() { reset_and_record; }
reset_splicing() { reset_and_record --splice; }
reset_streaming() {
	{ start_record -o -; until_reset 200; stop_record >/tmp/stop; echo $? >/tmp/rc; } |
		relayctl cat -q - >/tmp/payload
	same "status of cat" $? 0 || return 1
	cat /tmp/stop
	[ "$(cat /tmp/rc)" = 0 ] && whole_records </tmp/payload
}

echo "# seed $seed"
busy "record beside cat" beside_copying
busy "record, splicing, beside cat" beside_splicing
busy "record to a pipe beside cat" beside_streaming
busy "cat beside cat" print_beside
busy "merge beside cat" merge_beside
busy "two recordings" two_copying
busy "two recordings, one splicing" two_splicing
insmod "$reset/relay_reset.ko" || exit 1
for way in copying splicing streaming; do
	rm -rf /tmp/a
	channel=reset
	result "record a channel that is reset, $way" reset_$way
done
rmmod relay_reset
