#!/bin/sh
# relayctl-nmi.sh BUILD SEED: runs in a guest. A client triggers in NMIs, and relayctl record
# takes snapshots. An NMI must not wake a task, because it may have interrupted the holder of
# a lock that a wake-up takes.
BUILD=$1 seed=$2
. boot/guest/sample.sh
. boot/guest/tools.sh
tracing=/sys/kernel/tracing/instances/nmi

trigger() { echo nmi >$sample/trigger; }

# woken_in CONTEXTS: how often that woke relayctl since the last time: the third of the flags
# of an event is h or H in an interrupt, z or Z in an NMI
woken_in() { awk -v which="[$1]" 'substr($3, 3, 1) ~ which { n++ } END { print n + 0 }' /tmp/woken; }
no_nmi_wakes() {
	grep sched_waking: $tracing/trace >/tmp/woken
	echo >$tracing/trace
	echo "relayctl was woken $(woken_in hH) times by an interrupt, $(woken_in zZ) times by an NMI"
	[ "$(woken_in zZ)" = 0 ]
}

# Nothing but the NMI tells it: what is there is stored.
flies() { flies_until trigger --on-trigger && no_nmi_wakes && [ "$(woken_in hH)" != 0 ]; }

# NMIs come at any instruction, those of writers, of wake-ups and of the snapshot included.
flies_under_load() {
	rm -rf /tmp/a
	start_record -q -o /tmp/a --flight --on-trigger
	echo 3000 >$sample/control
	cat $sample/control &
	writers=$!
	times=0
	while kill -0 $writers 2>/dev/null; do
		trigger
		times=$((times + 1))
	done
	stop_record && no_nmi_wakes || return 1
	# (The last of the triggers are those of one snapshot, which may be there already.)
	snapshots=$(find /tmp/a -name index | wc -l)
	echo "$times triggers, $snapshots snapshots"
	[ "$times" -gt 20 ] && [ "$snapshots" -gt 2 ] || return 1
	for snapshot in /tmp/a/*; do
		relayctl cat -q "$snapshot" | check_sample - >/tmp/said || return 1
	done
}

mkdir $tracing && echo 'comm == "relayctl"' >$tracing/events/sched/sched_waking/filter &&
	echo 1 >$tracing/events/sched/sched_waking/enable || exit 1
echo "# seed $seed"
load seed="$seed" overwrite=1 subbuf_size=4096
result "an NMI triggers, and a snapshot is taken" flies
result "NMIs trigger while records are written" flies_under_load
rmmod relay_sample
