#!/bin/bash
# instants.sh N DIR: stop a guest that records under full load N times, all CPUs at once and
# after any instruction. Each time the host recovers the records from the guest's memory
# alone, and compares them with the witness. After the last time the guest is killed, and a
# second guest boots on its memory. SEED=n repeats the pauses between the stops.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/guest/tools.sh"
count=$1 out=$2 memory=$2/memory seed=${SEED:-$RANDOM}
cd "$ROOT"
mkdir -p "$out"
rm -rf "$memory" "$out"/found* "$out/said"
echo "# SEED=$seed"
RANDOM=$seed

backend="-object memory-backend-file,id=memory,size=512M,mem-path=$memory,share=on -machine memory-backend=memory"
files=(boot/guest/tools.sh build/relay-tools/relayctl build/relay-tools/sample-check)
# guest SCENARIO
guest() {
	# shellcheck disable=SC2016
	boot/sample-run.sh x86_64 -c 4 -t "${LIMIT:-2400}" -s -o "$out/guest" -a 'relayres=4M@256M memmap=64K$0x8000000' \
		-x "$backend" "${files[@]/#/-f}" -- boot/guest/reserved.sh kill 1
}
machine() { pkill "-$1" -f "^qemu-system-x86_64 .*mem-path=$memory"; }
# It stands when each of its threads does: the signal is taken by one of them, when that
# gets a CPU, and only then are the others told; the guest runs on until then.
stop() {
	local pid
	pid=$(pgrep -f "^qemu-system-x86_64 .*mem-path=$memory") && kill -STOP "$pid" || return 1
	while grep -qs '^State:.[^T]' "/proc/$pid"/task/*/status; do :; done
}
guest >"$out/said" 2>"$out/log" &
until grep -q '^running' "$out/said"; do
	kill -0 $! 2>/dev/null || { cat "$out/log" >&2; die "the guest ended before it ran"; }
	sleep 0.1
done

# recovered: of each CPU, "CPU committed unseen undecided recovered torn"
recovered() {
	local cpu
	dd if="$memory" of="$out/area" bs=1M skip=256 count=4 status=none
	dd if="$memory" of="$out/witness" bs=4096 skip=32768 count=1 status=none
	machine CONT || true
	rm -rf "$out/found"
	recover_to "$out/json" --address=0 --size=4M -o "$out/found" "$out/area" || return 1
	for cpu in 0 1 2 3; do
		build/relay-tools/relayctl cat -q -c $cpu "$out/found/relay-sample" |
			build/relay-tools/sample-check -w "$out/witness" - >"$out/checked"
		sed -n "/^cpu $cpu /s/[^0-9]*\([0-9]*\)/\1 /gp" "$out/checked" | sed "s/\$/$(sed -n 's/.*torn //p' "$out/checked")/"
	done >"$out/cpus"
}

bad=0 n=0
while [ $n -lt "$count" ]; do
	n=$((n + 1))
	sleep "0.0$((RANDOM % 10))$((RANDOM % 10))"
	if [ $n = "$count" ]; then machine KILL; wait; else stop || die "the guest has ended, before instant $n"; fi
	if recovered && python3 boot/instants.py "$out/json" "$out/cpus" >"$out/verdict" 2>&1; then continue; fi
	bad=$((bad + 1))
	cp "$out/area" "$out/area.bad"; cp "$out/witness" "$out/witness.bad"
	sed 's/^/# /' "$out/verdict"
	echo "not ok - instant $n"
done
[ $bad != 0 ] || echo "ok 1 - $count instants: all that was committed is recovered, or was overwritten"
# The machine that was killed goes on in another one.
guest
