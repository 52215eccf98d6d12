#!/bin/sh
# relayctl.sh BUILD RECORDS SEED: runs in a guest. Run relayctl and librelay on the
# sample's channel. Check that they get every committed record, and report the others.
BUILD=$1 records=$2 seed=$3
. boot/guest/sample.sh
. boot/guest/tools.sh

# with NAME FUNCTION PARAMETER...: a test with the sample freshly loaded
with() {
	name=$1 function=$2; shift 2
	load seed="$seed" "$@"
	rm -rf /tmp/a /tmp/b
	result "$name" "$function"
	rmmod relay_sample
	seed=$((seed + 1))
}

# all_there COMMAND...: its output is every committed record, whole, in order
all_there() {
	"$@" | check_sample - >/tmp/said || return 1
	cat /tmp/said
	same "received, committed" "$(said received </tmp/said)" "$(counted committed)"
}

# index_sum DIR FIELD: over the entries of all indexes; used, lost or missed
index_sum() {
	find "$1" -name index | sort | while read -r index; do
		tail -c +129 "$index" | od -An -v -w80 -t u4 -t u8 | awk -v field="$2" '
			# the first line has the numbers of 32 bits, the second those of 64
			NR % 2 == (field == "used") { print field == "missed" ? $8 : $7 }'
	done | awk '{ sum += $1 } END { print sum + 0 }'
}

lists() {
	relayctl list --long && relayctl list --long --json >/tmp/list || return 1
	cat /tmp/list
	relayctl list | grep -qE "^$channel +2 +0 +0 +0 B +0$" &&
		relayctl list --long | grep -qE "^$channel +no-overwrite +2 +64 +16384 +0$" &&
		python3 -c 'import json
assert json.load(open("/tmp/list")) == [{"channel": "relay-sample", "overwrite": False, "global": False,
	"buffers": 2, "committed": 0, "lost": 0, "bytes": 0, "ready": 0,
	"n_subbufs": 64, "subbuf_size": 16384, "header_size": 0}]'
}

# What a channel has counted can be seen without the right to its data.
looks_unprivileged() {
	write_records 1000
	cp "$tools/relayctl" /tmp/
	busybox mount -o remount,mode=755 /sys/kernel/relay || return 1
	chmod 0 /sys/kernel/relay/$channel/all /sys/kernel/relay/$channel/cpu* /sys/kernel/relay/$channel/map*
	unprivileged="setpriv --reuid=65534 --regid=65534 --clear-groups /tmp/relayctl"
	ok=0
	$unprivileged list >/tmp/list && $unprivileged stat --json $channel >/tmp/stat && $unprivileged stat -n 1 $channel || ok=1
	$unprivileged list --long 2>&1 | grep "$channel: Permission denied" || ok=1
	busybox mount -o remount,mode=700 /sys/kernel/relay
	cat /tmp/list
	[ $ok = 0 ] && grep -qE "^$channel +2 +$(counted committed) +$(lost) " /tmp/list &&
		same "committed" "$(sed -n 's/.*"committed":\([0-9]*\).*/\1/p' /tmp/stat | head -n 1)" "$(counted committed)"
}

records() {
	start_record -o /tmp/a "$@"
	write_records "$records"
	stop_record && all_there relayctl cat /tmp/a &&
		same "lost" "$(index_sum /tmp/a lost)" "$(lost)"
}

# What was read makes room: each round would nearly fill the buffers.
rounds() {
	start_record -o /tmp/a "$@"
	for i in 1 2 3; do
		write_records 2800
		until_drained
	done
	stop_record && all_there relayctl cat -q /tmp/a && same "lost for want of room" "$(counted full)" 0
}
rounds_splicing() { rounds --splice; }
rounds_compressing() { rounds --compress=1 && relayctl verify /tmp/a && [ "$(cat /tmp/a/cpu* | wc -c)" -lt "$(index_sum /tmp/a used)" ]; }

# What one takes out is what another sees.
same_bytes() {
	write_records 1000
	relayctl record --snapshot -o /tmp/a $channel && "$@" || return 1
	for cpu in 0 1; do
		relayctl cat -c $cpu /tmp/a >/tmp/a/payload
		same "bytes" "$(wc -c </tmp/a/payload)" "$(wc -c <"/tmp/b/payload$cpu")" &&
			[ -s /tmp/a/payload ] && cmp /tmp/a/payload "/tmp/b/payload$cpu" || return 1
	done
}
by_recording() {
	start_record -o /tmp/b "$@"
	stop_record || return 1
	for cpu in 0 1; do relayctl cat -c $cpu /tmp/b >/tmp/b/payload$cpu; done
}
by_reading() {
	mkdir -p /tmp/b
	for cpu in 0 1; do
		dd if="/sys/kernel/relay/$channel/cpu$cpu" of=/tmp/b/payload$cpu bs=1M iflag=nonblock 2>/dev/null
	done
	true
}
by_cat() {
	mkdir -p /tmp/b
	for cpu in 0 1; do relayctl cat --now -c $cpu $channel >/tmp/b/payload$cpu; done
}
same_as_splice() { same_bytes by_recording --splice; }
same_as_copy() { same_bytes by_recording; }
same_as_read() { same_bytes by_reading; }
same_as_cat() { same_bytes by_cat; }

state() { sed -n 's/^State:[^A-Z]*\([A-Z]\).*/\1/p' "/proc/$1/status" 2>/dev/null; }
died() { case $(state "$1") in Z | '') true ;; *) false ;; esac; }
until_state() { while [ "$(state "$1")" != "$2" ] && ! died "$1"; do busybox usleep 1000; done; }

# It waits, is stopped, and goes on. (Without a timer: one that delivers what is left
# while it is killed would have it write that, and not release it.)
cat_stopped() {
	mkdir -p /tmp/a
	"$tools/relayctl" cat -q $channel >/tmp/a/payload 2>/tmp/a/err &
	pid=$!
	write_records 1000
	until_drained
	# More than once.
	for i in 1 2 3 4 5; do
		until_state $pid S
		died $pid || kill -STOP $pid
		until_state $pid T
		died $pid || kill -CONT $pid
	done
	died $pid || write_records 1000
	while ! died $pid && [ "$(ready)" != 0 ]; do busybox usleep 10000; done
	kill $pid
	wait $pid
	cat /tmp/a/err
	relayctl cat -q --now $channel >>/tmp/a/payload
	[ ! -s /tmp/a/err ] && all_there cat /tmp/a/payload
}

# Who may not look into relayfs reads a recording by its name.
cat_unprivileged() {
	write_records 100
	relayctl record --snapshot -q -o /tmp/a $channel && relayctl cat -q /tmp/a >/tmp/payload || return 1
	ls -ld /sys/kernel/relay
	chmod -R go+rX /tmp/a
	cp "$tools/relayctl" /tmp/
	(cd /tmp && setpriv --reuid=65534 --regid=65534 --clear-groups ./relayctl cat -q a >/tmp/same)
	same status $? 0 && [ -s /tmp/same ] && cmp /tmp/payload /tmp/same || return 1
	setpriv --reuid=65534 --regid=65534 --clear-groups /tmp/relayctl cat $channel 2>/tmp/refused
	cat /tmp/refused
	grep -q "$channel: Permission denied" /tmp/refused && grep -q 'remount,mode=750,gid=GROUP' /tmp/refused || return 1
	setpriv --reuid=65534 --regid=65534 --clear-groups /tmp/relayctl list 2>&1 | grep 'remount,mode=750,gid=GROUP' || return 1
	# A file that may not be read has nothing to do with the mount.
	chmod 700 /tmp/a
	(cd /tmp && setpriv --reuid=65534 --regid=65534 --clear-groups ./relayctl cat a 2>/tmp/refused)
	cat /tmp/refused
	grep -q 'a: Permission denied' /tmp/refused && ! grep -q remount /tmp/refused
}

# A recording that is called as its channel, and the channel by its path, from where it is.
cat_by_path() {
	write_records 1000
	rm -rf /tmp/$channel
	relayctl record -q -S -o /tmp/$channel $channel
	before=$(ready)
	(cd /tmp && "$OLDPWD/$tools/relayctl" cat -q $channel >/tmp/payload) || return 1
	same "to be read" "$(ready)" "$before" && [ -s /tmp/payload ] || return 1
	(cd /sys/kernel/relay && "$OLDPWD/$tools/relayctl" cat --now $channel >/tmp/same) || return 1
	same "to be read" "$(ready)" 0 && cmp /tmp/payload /tmp/same || return 1
	relayctl cat --now /sys/kernel/relay/$channel/
}

# Somebody has read half a sub-buffer before: it is recorded in full.
after_another() {
	write_records 1000
	dd if=/sys/kernel/relay/$channel/cpu0 of=/dev/null bs=1000 count=1 2>/dev/null
	start_record -o /tmp/a
	stop_record && all_there relayctl cat /tmp/a
}

# beside_a_pipe OPTION...: another reader holds a byte of each CPU in a pipe, so that the
# buffers cannot be mapped. That is told while the recording goes on.
beside_a_pipe() {
	write_records 1000
	rm -f /tmp/holds
	python3 -c 'import os, signal
pipe = os.pipe()
for cpu in 0, 1:
    assert os.splice(os.open("/sys/kernel/relay/relay-sample/cpu%d" % cpu, os.O_RDONLY), pipe[1], 1) == 1
open("/tmp/holds", "w")
signal.pause()' &
	holder=$!
	until [ -e /tmp/holds ] || died $holder; do busybox usleep 10000; done
	start_record -o /tmp/a "$@"
	until grep -q 'in a pipe' /tmp/record.err || died $recorder; do busybox usleep 10000; done
	write_records 500
	stop_record
	ok=$?
	kill $holder
	[ $ok = 0 ] && grep 'copied from here on: .* in a pipe' /tmp/record.err && all_there relayctl cat /tmp/a
}

# They go on until they are told: however late the stop is, it comes in the middle.
# stops_in_the_middle SIGNAL
stops_in_the_middle() {
	start_record -o /tmp/a
	echo 100000000 >$sample/control
	while ! [ -s /tmp/a/cpu0 ] || ! [ -s /tmp/a/cpu1 ]; do busybox usleep 1000; done
	stop_record 0 "$1" || return 1
	first=$(counted committed)
	start_record -o /tmp/b
	while [ "$(counted committed)" = "$first" ]; do busybox usleep 1000; done
	write_records 0
	stop_record || return 1
	echo "committed at the stop: $first, in all: $(counted committed)"
	all_there relayctl cat /tmp/a /tmp/b
}

interrupted() { stops_in_the_middle INT; }
terminated() { stops_in_the_middle TERM; }
hung_up() { stops_in_the_middle HUP; }

# Under nohup, the session's end is not the recording's: the signal changes nothing.
hung_up_in_vain() {
	(trap '' HUP && start_record -o /tmp/a && echo $recorder >/tmp/recorder)
	recorder=$(cat /tmp/recorder)
	kill -HUP "$recorder"
	write_records 1000
	until_drained
	kill -INT "$recorder"
	until_state "$recorder" Z
	all_there relayctl cat /tmp/a
}

rotates() {
	start_record -o /tmp/a --rotate-size=128K --fsync=part
	write_records "$records"
	stop_record || return 1
	ls /tmp/a
	[ "$(ls /tmp/a | wc -l)" -ge 3 ] && all_there relayctl cat /tmp/a &&
		same "lost" "$(index_sum /tmp/a lost)" "$(lost)"
}

# In hundredths of a second.
uptime() { awk '{ printf "%d\n", 100 * $1 }' /proc/uptime; }

# A part lasts a second, or until something comes behind it; two are kept.
rotates_by_time() {
	began=$(uptime)
	start_record -o /tmp/a --rotate-time=1 --keep=2
	until [ -e /tmp/a/000003 ]; do
		write_records 100
		busybox usleep 300000
	done
	stop_record || return 1
	lasted=$(($(uptime) - began))
	# (On a slow day there is another one by the end.)
	# shellcheck disable=SC2046
	set -- $(ls /tmp/a)
	echo "parts after $lasted hundredths of a second: $*"
	[ $# = 2 ] && [ "$2" -eq "$(expr "$1" + 1)" ] && [ "$lasted" -ge "$(expr "$2" '*' 100)" ] &&
		relayctl cat -q /tmp/a | check_sample -
}

# A part ends with its last sub-buffer, also where many were there to be written at once.
rotates_backlog() {
	write_records "$records"
	start_record -o /tmp/a --rotate-size=128K
	stop_record && all_there relayctl cat /tmp/a || return 1
	for part in /tmp/a/*; do
		same "bytes in $part" "$(cat "$part"/cpu* | wc -c)" "$(index_sum "$part" used)" || return 1
	done
	[ "$(ls /tmp/a | wc -l)" -ge 10 ]
}

# At the end of a recording everything is on the disk, its directories too; with
# "always", no entry is written before its data is there. What is there at the start is
# not written sub-buffer by sub-buffer.
synced() {
	write_records 1500
	rm -f /tmp/syncs
	export SYNCS=/tmp/syncs LD_PRELOAD="$PWD/build/syncs.so"
	start_record -o /tmp/a --fsync="$1"
	unset LD_PRELOAD
	stop_record || return 1
	awk -v always="$1" -v entries=$((($(wc -c </tmp/a/index) - 128) / 80)) '
		$1 == "w" && $2 ~ /index$/ && always == "always" {
			for (file in dirty)
				early += dirty[file] && file ~ /cpu[01]$/
		}
		$1 == "w" { n[$2]++; dirty[$2] = 1 }
		$1 == "s" { dirty[$2] = 0; seen[$2] = 1 }
		END {
			for (file in dirty)
				left += dirty[file] && file ~ /^\/tmp\/a\//
			writes = n["/tmp/a/cpu0"] + n["/tmp/a/cpu1"]
			print entries " sub-buffers, " writes " times data, " n["/tmp/a/index"] " times entries, " \
				early + 0 " too early, " left + 0 " files not synced"
			exit early || left || entries < 130 || writes > entries / 8 || !seen["/tmp/a"] || !seen["/tmp"]
		}' /tmp/syncs
}
synced_part() { synced part; }
synced_always() { synced always; }

# What a command has written is recorded, to its end.
during_a_command() {
	relayctl record -o /tmp/a $channel -- sh -c "echo $records >$sample/control && cat $sample/control; exit 7" 2>/tmp/record.err
	status=$?
	cat /tmp/record.err
	same "exit status" $status 7 && all_there relayctl cat /tmp/a && same "lost" "$(index_sum /tmp/a lost)" "$(lost)"
}

# Of one CPU; what is written on the other stays there.
one_cpu() {
	start_record -o /tmp/a --cpu=1
	write_records "$records"
	stop_record && relayctl cat -q /tmp/a | check_sample - >/tmp/said || return 1
	committed=$(relayctl stat --json $channel | python3 -c 'import json, sys
print([cpu["committed"] for cpu in json.load(sys.stdin)["cpus"] if cpu["cpu"] == 1][0])')
	[ ! -e /tmp/a/cpu0 ] && [ "$(ready)" -gt 0 ] && same "received, committed on CPU 1" "$(said received </tmp/said)" "$committed" &&
		relayctl verify /tmp/a
}

# Every channel, in the background, until a signal.
in_the_background() {
	relayctl record --all -o /tmp/a --daemon --pidfile=/tmp/pid || return 1
	write_records "$records"
	kill -INT "$(cat /tmp/pid)"
	while [ -e /tmp/pid ]; do busybox usleep 10000; done
	all_there relayctl cat /tmp/a/$channel && same "lost" "$(index_sum /tmp/a lost)" "$(lost)" && relayctl verify /tmp/a
}

# No more than it may have: what is not taken stays in the channel.
to_a_size() {
	start_record -o /tmp/a --max-size=100K
	write_records "$records"
	wait $recorder && cat /tmp/record.err && grep -q 'ended: --max-size has no room' /tmp/record.err || return 1
	size=$(cat /tmp/a/* | wc -c)
	relayctl cat -q /tmp/a >/tmp/payload && relayctl cat -q --now $channel >>/tmp/payload || return 1
	echo "$size bytes"
	[ "$size" -le 102400 ] && [ "$size" -gt 70000 ] && all_there cat /tmp/payload
}

# A directory has one recording, and keeps it.
keeps() {
	for first in "" --rotate-size=128K; do
		for second in "" --rotate-size=128K; do
			rm -rf /tmp/a
			start_record -o /tmp/a $first
			stop_record || return 1
			find /tmp/a -type f | sort | xargs cksum >/tmp/before
			relayctl record -o /tmp/a $second $channel 2>/tmp/refused
			status=$?
			cat /tmp/refused
			find /tmp/a -type f | sort | xargs cksum | cmp - /tmp/before && [ $status = 1 ] &&
				grep -q 'choose another directory' /tmp/refused || return 1
		done
	done
}

# Where data could not be stored, none is taken.
takes_nothing() {
	write_records 1000
	before=$(ready)
	mkdir -p /tmp/a
	: >/tmp/a/cpu0
	relayctl record -o /tmp/a $channel 2>/tmp/refused
	same "exit status" $? 1 && cat /tmp/refused && same "to be read" "$(ready)" "$before" && [ "$before" -gt 0 ]
}

streams() {
	{ start_record -o -; write_records "$records"; stop_record >/tmp/stop; echo $? >/tmp/rc; } |
		relayctl cat - >/tmp/payload
	cat /tmp/stop
	[ "$(cat /tmp/rc)" = 0 ] && all_there cat /tmp/payload
}

stream_breaks() {
	write_records 1000
	{ relayctl record -o - $channel 2>/tmp/record.err; echo $? >/tmp/rc; } | head -c 1000 >/dev/null
	cat /tmp/record.err
	same "exit status" "$(cat /tmp/rc)" 3 && grep -q 'not stored' /tmp/record.err
}

# rest_is_told DIR ERROR: what is there is whole, and the rest is told with the error
rest_is_told() {
	stop_record 3 && relayctl cat -q "$1" | check_sample - >/tmp/said || return 1
	cat /tmp/said
	unstored=$(sed -n 's/.* sub-buffers with \([0-9]*\) records are not stored/\1/p' /tmp/record.err)
	grep -q "$2" /tmp/record.err && [ "$(said received </tmp/said)" -gt 1000 ] &&
		same "received and not stored, committed" $(($(said received </tmp/said) + unstored)) "$(counted committed)"
}

no_space() {
	mkdir -p /tmp/small
	busybox mount -t tmpfs -o size=400k small /tmp/small
	start_record -o /tmp/small/a "$@"
	write_records "$records"
	ok=0
	rest_is_told /tmp/small/a 'No space left' || ok=1
	busybox umount /tmp/small
	return $ok
}

# The largest file that the process may write (ulimit -f) is a disk that is full.
limited() {
	limit=$(ulimit -S -f)
	ulimit -S -f 400
	start_record -o /tmp/a "$@"
	ulimit -S -f "$limit"
	write_records "$records"
	rest_is_told /tmp/a 'File too large'
}
limited_splicing() { limited --splice; }
no_space_splicing() { no_space --splice; }

usr1() { kill -USR1 $recorder; }
flight() { flies_until usr1; }
trigger() { echo >$sample/trigger; }
flight_triggered() { flies_until trigger --on-trigger; }

# Of a flight recorder, too, everything that it did not overwrite is recorded.
overwritten() {
	start_record -o /tmp/a
	write_records "$records"
	stop_record && all_but_overwritten
}

# Also where the end is told before it has seen how much was overwritten.
overwritten_meanwhile() {
	start_record -o /tmp/a
	write_records 100
	until_drained
	kill -STOP $recorder
	until_state $recorder T
	write_records "$records"
	kill -INT $recorder
	kill -CONT $recorder
	wait $recorder && all_but_overwritten
}

all_but_overwritten() {
	relayctl cat -q /tmp/a | check_sample - >/tmp/said || return 1
	cat /tmp/said
	same "received and overwritten, committed" $(($(said received </tmp/said) + $(counted overwritten))) \
		"$(counted committed)" && same "lost" "$(index_sum /tmp/a lost)" "$(lost)"
}

stats() {
	write_records "$records"
	relayctl stat -n 1 $channel && relayctl stat --json $channel >/tmp/stat || return 1
	cat /tmp/stat $sample/stats
	python3 - <<'END'
import json
said = json.load(open("/tmp/stat"))
names = None
rows = {}
for line in open("/sys/kernel/debug/relay-sample/stats"):
    words = line.split()
    if words[:2] == ["#", "buffer"]:
        names = words[2:]
    elif words[0] == "buffer":
        rows[int(words[1])] = dict(zip(names, map(int, words[1:])))
assert len(said["cpus"]) == len(rows) == 2
for cpu in said["cpus"]:
    row = rows[cpu["cpu"]]
    for name in "committed", "overwritten", "discarded":
        assert cpu[name] == row[name], name
    assert cpu["lost"] == {name: row[name] for name in ("full", "nested", "too_big", "disabled")}
for name in "committed", "discarded", "bytes", "produced", "ready":
    assert said["total"][name] == sum(cpu[name] for cpu in said["cpus"]), name
assert said["total"]["committed"] > 0 and said["total"]["ready"] > 0
END
}

# The channel is not to blame.
cannot_print() {
	for try in list "list --json" "stat -n 1 $channel" "stat --json $channel"; do
		# shellcheck disable=SC2086
		relayctl $try 2>/tmp/full >/dev/full
		same "relayctl $try: status" $? 3 && cat /tmp/full && grep -q 'stdout: No space left' /tmp/full || return 1
	done
}

switches() { sed -n 's/^voluntary_ctxt_switches:[^0-9]*//p' "/proc/$recorder/status"; }
idle() {
	start_record -o /tmp/a
	# When it has written what there was, it is idle.
	write_records 100
	until_drained
	# What is under way settles; if it does not, the count tells.
	busybox usleep 500000
	before=$(switches)
	sleep 4
	woken=$(($(switches) - before))
	stop_record || return 1
	echo "woken $woken times in 4 s"
	[ $woken -le 4 ]
}

# consume [OPTION]: sample-check while records are written; what it says is in /tmp/said
consume() {
	"$tools/sample-check" "$@" $channel >/tmp/said &
	recorder=$!
	while ! grep -q '^SigCgt:.*4002$' /proc/$recorder/status; do busybox usleep 10000; done
	write_records "$records"
	kill -TERM $recorder
	wait $recorder || return 1
	cat /tmp/said
}

# The library's consumers, shared library and all.
consumed() {
	consume || return 1
	same "received and overwritten, committed" $(($(said received </tmp/said) + $(counted overwritten))) \
		"$(counted committed)" && same "lost" "$(said lost </tmp/said)" "$(lost)"
}

# It begins with what is written after it is there.
consumed_from_now() {
	write_records "$records"
	before=$(counted committed) lost_before=$(lost)
	consume -n || return 1
	same "received, committed" "$(said received </tmp/said)" $(($(counted committed) - before)) && same "lost" "$(said lost </tmp/said)" $(($(lost) - lost_before))
}

merged() {
	write_records "$records"
	check_sample -m $channel >/tmp/said || return 1
	cat /tmp/said
	same "received, committed" "$(said received </tmp/said)" "$(counted committed)" &&
		same "lost" "$(said lost </tmp/said)" "$(lost)"
}

prints() {
	write_records "$records"
	"$tools/consume" $channel >/tmp/lines &
	pid=$!
	# It does not end by itself, and its output comes in pieces.
	until_drained
	kill $pid
	wait $pid
	head -n 3 /tmp/lines
	grep -qE '^cpu [01], sub-buffer [0-9]+: [0-9]+ records in [0-9]+ bytes, [0-9]+ lost, 0 missed$' /tmp/lines
}

refuses() {
	for try in "record nothing:1" "stat nothing:1" "cat nothing:1" "record:2" "record -s 5Q x:2" "nonsense:2" \
		"record -o - -s 1M $channel:2" "record -o /tmp/missing/a $channel:1"; do
		# shellcheck disable=SC2086
		timeout 60 "$tools/relayctl" ${try%:*} >/tmp/refused 2>&1
		status=$?
		echo "relayctl ${try%:*}: $status, $(head -n 1 /tmp/refused)"
		[ $status = "${try##*:}" ] || return 1
	done
}

echo "# seed $seed"
with "list" lists n_subbufs=64
with "list and stat, without permission for the data" looks_unprivileged n_subbufs=64
with "record, by splice" rounds n_subbufs=64
with "record, splicing" rounds_splicing n_subbufs=64
with "record, compressing" rounds_compressing n_subbufs=64
with "record, buffers that are too small" records subbuf_size=1000 n_subbufs=2
with "record, sub-buffers of an odd size" records subbuf_size=1140 n_subbufs=251
with "record, one buffer for all CPUs" records global=1 n_subbufs=64
with "a snapshot and a recording are the same" same_as_splice n_subbufs=64
with "a snapshot and a copied recording are the same" same_as_copy n_subbufs=64
with "a snapshot and what is read are the same" same_as_read n_subbufs=64
with "a snapshot and relayctl cat are the same" same_as_cat n_subbufs=64
with "cat, stopped and continued" cat_stopped n_subbufs=64 timer_ms=0
with "cat a recording, without permission for relayfs" cat_unprivileged n_subbufs=64
with "cat a recording that is called as its channel" cat_by_path n_subbufs=64 timer_ms=0
with "record, behind somebody who read half a sub-buffer" after_another n_subbufs=64
with "record, beside a reader that holds a byte in a pipe" beside_a_pipe n_subbufs=64
with "record, interrupted while records are written" interrupted n_subbufs=64
with "record, terminated while records are written" terminated n_subbufs=64
with "record, hung up while records are written" hung_up n_subbufs=64
with "record, hung up with SIGHUP ignored" hung_up_in_vain n_subbufs=64
with "record, rotation by size" rotates n_subbufs=64
with "record, rotation in the midst of many" rotates_backlog n_subbufs=64
with "record, rotation by time" rotates_by_time n_subbufs=64
with "record, --fsync=part" synced_part subbuf_size=1000 n_subbufs=512
with "record, --fsync=always" synced_always subbuf_size=1000 n_subbufs=512
with "record while a command runs" during_a_command n_subbufs=64
with "record one CPU" one_cpu n_subbufs=64
with "record all channels in the background" in_the_background n_subbufs=64
with "record up to a size" to_a_size n_subbufs=64
with "record where there is a recording" keeps n_subbufs=64
with "record where data is left without an index" takes_nothing n_subbufs=64 timer_ms=0
with "record to a pipe" streams n_subbufs=64
with "record to a pipe that breaks" stream_breaks n_subbufs=64
with "record, no space left" no_space n_subbufs=64
with "record, splicing, no space left" no_space_splicing n_subbufs=64
with "record, a limit to the size of files" limited n_subbufs=64
with "record, splicing, a limit to the size of files" limited_splicing n_subbufs=64
with "record a flight recorder" flight overwrite=1 subbuf_size=4096
with "record a flight recorder, at a trigger" flight_triggered overwrite=1 subbuf_size=4096
with "record what a flight recorder did not overwrite" overwritten overwrite=1 subbuf_size=4096 n_subbufs=4
with "record what a flight recorder did not overwrite meanwhile" overwritten_meanwhile overwrite=1 subbuf_size=4096 n_subbufs=4
with "stat" stats n_subbufs=64
with "what cannot be printed is told" cannot_print n_subbufs=64
with "record is idle when the channel is" idle n_subbufs=64
with "a consumer with librelay" consumed n_subbufs=64
with "a consumer of a flight recorder" consumed overwrite=1 subbuf_size=4096
with "a consumer from now on" consumed_from_now n_subbufs=512
with "a consumer that merges" merged n_subbufs=64
with "the consumer of the manual" prints n_subbufs=64
with "wrong use has its exit status" refuses
