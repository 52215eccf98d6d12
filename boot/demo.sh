#!/bin/bash
# demo.sh: the whole of it, from a fresh checkout. Builds both kernels, and in
# each has blktrace record real I/O and the sample write from every context
# while its reader drains it, and again while relayctl records it. Ends with
# tables and build/demo.json, and fails unless received + lost = written, nothing
# is torn, and relayctl says the same as the writers. Then a kernel panics while the
# sample writes into the reserved area, its crash kernel copies the bank, and when the
# machine is off all of it is recovered from that copy. Last a machine is restarted,
# panics and boots again: the unit archives both boots.
. "$(dirname "$0")/lib.sh"
need blktrace
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

# crash SCENARIO TITLE
crash() {
	stage "$2: booting"
	boot/reserved-run.sh "$1" "$demo/$1" 2>"$LOGS/demo-$1.log" | grep -E '^(not )?ok ' |
		while read -r line; do
			stage "$line"
			[ "${line%% *}" = ok ] || touch "$demo/failed"
		done || touch "$demo/failed"
}
crash kdump "panic under load, and a crash kernel"
stage "the machine is off: recovering from the copy of the bank"
boot/recover-bank.sh "$demo/kdump/bank0" "$demo/kdump/witness" "$demo/kdump" || touch "$demo/failed"
crash unit "restart, panic, and the unit that archives"
python3 boot/demo-report.py "$demo" "$BUILD/demo.json"
# The figures may be right where the kernel has complained.
[ ! -e "$demo/failed" ] || die "a guest failed: build/log/demo-*.log"
