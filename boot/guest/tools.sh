# shellcheck shell=sh
# Functions for scripts in a guest: relayctl, and the sample's own counters. A
# script includes sample.sh before this file.
tools=build/relay-tools
channel=relay-sample
relayctl() { "$tools/relayctl" "$@"; }
check_sample() { "$tools/sample-check" "$@"; }

# counted COLUMN: sum over the buffers, of the sample's statistics (see there)
counted() {
	awk -v column="$1" '
		/^# buffer/ { for (i = 2; i <= NF; i++) at[$i] = i - 1 }
		/^buffer/ { sum += $at[column] }
		END { print sum + 0 }' $sample/stats
}
lost() { echo $(($(counted full) + $(counted nested) + $(counted too_big) + $(counted disabled))); }

# write_records N: every context of every CPU, to the end
write_records() { echo "$1" >$sample/control && cat $sample/control; }

# Sub-buffers that are delivered and not read.
ready() { relayctl stat --json $channel | sed -n 's/.*"ready":\([0-9]*\).*/\1/p' | head -n 1; }
# Waits until somebody has read them all.
until_drained() { while [ "$(ready)" != 0 ]; do busybox usleep 10000; done; }

# said FIELD: a number of sample-check's line, on stdin
said() { sed -n "s/.*$1 \([0-9]*\).*/\1/p"; }

# recover_to JSON OPTION...: all of it. That a writer was in its commit when the machine
# died is told as what is damaged is.
recover_to() {
	json=$1; shift
	relayctl recover --json "$@" >"$json"
	case $? in
	0) ;;
	# (A bank that is empty says why it gave nothing, too.)
	3) grep -q '"in_doubt":[1-9]' "$json" &&
		! grep '_because"' "$json" | grep -v '"nothing was recorded here"' ;;
	*) return 1 ;;
	esac
}

# Waits until the process takes signals, or is gone: it blocks them, to read them, and a
# shell that is to become it may block others.
until_ready() {
	until grep -Eq '^SigBlk:.*420[23]$|^State:.Z' "/proc/$1/status"; do
		busybox usleep 10000
		[ -e "/proc/$1" ] || return 1
	done
}

# start_record OPTION...: relayctl record, in the background; $recorder
start_record() {
	"$tools/relayctl" record "$@" "$channel" 2>/tmp/record.err &
	recorder=$!
	until_ready $recorder
}

# stop_record [STATUS [SIGNAL]]: ends with that status, when all that is written is stored
stop_record() {
	kill -"${2:-INT}" $recorder
	wait $recorder
	status=$?
	cat /tmp/record.err
	[ $status = "${1:-0}" ] || { echo "exit status $status"; return 1; }
}

# same WHAT A B
same() { echo "$1: $2, $3"; [ "$2" = "$3" ]; }

# flies_until TELL OPTION...: consumes nothing, and takes what is there when the function TELL
# tells it to.
flies_until() {
	tell=$1; shift
	start_record -o /tmp/a --flight "$@"
	for i in 0 1; do
		write_records 2000
		$tell
		waited=0
		while ! grep -q "dump-00000$i: snapshot taken" /tmp/record.err; do
			busybox usleep 10000
			waited=$((waited + 1))
			[ $waited -lt 6000 ] || { echo "no snapshot"; return 1; }
		done
		relayctl cat -q /tmp/a/dump-00000$i | check_sample - >/tmp/said || return 1
		cat /tmp/said
		same "in the snapshot, in the buffers" "$(said received </tmp/said)" \
			$(($(counted committed) - $(counted overwritten))) && [ "$(counted overwritten)" -gt 0 ] ||
			return 1
	done
	stop_record
}
