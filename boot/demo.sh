#!/bin/bash
# demo.sh: a demonstration from a fresh checkout. Builds both kernels. In each, blktrace
# records real I/O, and the sample writes from every context while its reader drains it, and
# again while relayctl records it. Prints tables, writes build/demo.json, and fails unless
# received + lost = written, no record is torn, and relayctl's counts match the writers'.
# Then a kernel panics while the sample writes to the reserved area, its crash kernel copies
# the bank, and the host recovers the records from that copy. Another machine is restarted,
# panics and boots again, and the unit archives both boots. Last a machine panics while each
# CPU traces every kind of event into the reserved area, and the last events of each CPU are
# printed.
. "$(dirname "$0")/lib.sh"
need blktrace python3-bt2
"$ROOT/boot/kernel.sh" um x86_64
"$ROOT/boot/tools.sh"
cd "$ROOT"
demo=$BUILD/demo
rm -rf "$demo"
mkdir -p "$demo"

# guest NAME TITLE [options for sample-run.sh]: sampled and traced, in $demo/NAME
guest() {
	local name=$1 title=$2 log=$LOGS/demo-$1.log; shift 2
	stage "$title: booting"
	{
		boot/sample-run.sh "$name" -o "$demo/$name" "$@" -- boot/guest/demo.sh \
			"${RECORDS:-20000}" "${SEED:-1}" 2>"$log" ||
			{ touch "$demo/failed"; echo "failed: $(tail -n 1 "$log")"; }
	} | while read -r line; do stage "$title: $line"; done
}
guest um "User-mode Linux"
guest x86_64 "x86_64 in QEMU" -f boot/guest/blktrace.sh -f blktrace -f blkparse -f dd \
	-f boot/guest/tools.sh -f build/relay-tools/relayctl -f build/relay-tools/sample-check

# crash SCRIPT SCENARIO FOLDER TITLE
crash() {
	stage "$4: booting"
	"boot/$1" "$2" "$demo/$3" 2>"$LOGS/demo-$3.log" | grep -E '^(not )?ok ' |
		while read -r line; do
			stage "$line"
			[ "${line%% *}" = ok ] || touch "$demo/failed"
		done || touch "$demo/failed"
}
crash reserved-run.sh kdump kdump "panic under load, and a crash kernel"
stage "the machine is off: recovering from the copy of the bank"
boot/recover-bank.sh "$demo/kdump/bank0" "$demo/kdump/witness" "$demo/kdump" || touch "$demo/failed"
crash reserved-run.sh unit unit "restart, panic, and the unit that archives"
crash ltt-run.sh kdump trace "every event of the kernel, and a panic"
python3 boot/demo-report.py "$demo" "$BUILD/demo.json"
printf '\nThe last events of each CPU before the panic, as babeltrace2 reads them (%s)\n\n' build/demo/trace/recovered/flight
/usr/bin/python3 boot/ltt-last.py "$demo/trace/recovered/flight" build/x86_64/System.map 10 hrtimer_ timer_ sched_stat witness ||
	touch "$demo/failed"
# The figures may be right where the kernel has complained.
[ ! -e "$demo/failed" ] || die "a guest failed: build/log/demo-*.log"
