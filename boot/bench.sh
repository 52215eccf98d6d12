#!/bin/bash
# bench.sh: measure the cost of a write to this relay, to the relay of Linux 7.3 and to
# ftrace: times on User-mode Linux, instructions under QEMU. Prints a table, and writes
# build/bench.json and build/bench.svg; fails if a figure misses its bar. ROUNDS=n sets
# the number of measurements for each figure.
. "$(dirname "$0")/lib.sh"
need_to_compile
need gnuplot-nox trace-cmd
kernel_env
cd "$ROOT"
boot/kernel.sh um x86_64
boot/tools.sh
pristine=$(boot/fetch.sh | tail -n 1)
out=$BUILD/bench
mkdir -p "$out"

stage "compiling the modules"
for kernel in um x86_64; do
	mkdir -p "$BUILD/$kernel-kmod"
	logged "bench-$kernel" kmake "$BUILD/$kernel" $kernel M="$ROOT/tools/testing/relay/kmod" \
		MO="$BUILD/$kernel-kmod" PRISTINE="$pristine" modules
	logged "bench-$kernel-ltt" kmake "$BUILD/$kernel" $kernel M="$ROOT/tools/testing/ltt" \
		MO="$BUILD/$kernel-ltt" modules
done

stage "counting instructions (QEMU)"
boot/qemu-run.sh -c 1 -t 300 -x "-icount shift=0,sleep=off" -a relayres=8M@256M -o "$out/x86_64" \
	-f "$BUILD/x86_64-kmod/stock_relay.ko:/stock_relay.ko" \
	-f "$BUILD/x86_64-kmod/relay_bench.ko:/relay_bench.ko" \
	-- boot/guest/bench.sh / count 21 >"$out/count"
boot/qemu-run.sh -c 1 -t 300 -x "-icount shift=0,sleep=off" -a ltt_debug=0 -o "$out/x86_64" \
	-f "$BUILD/x86_64-ltt/relay_ltt.ko:/relay_ltt.ko" -f "$BUILD/x86_64-ltt/ltt_bench.ko:/ltt_bench.ko" \
	-- boot/guest/bench-ltt.sh / count 21 >"$out/ltt-count"
stage "counting instructions of lttng-modules (QEMU)"
boot/bench-lttng.sh "$out/lttng"
stage "measuring time (User-mode Linux)"
boot/um-run.sh -t 600 -o "$out/um" -- boot/guest/bench.sh "$BUILD/um-kmod" time "${ROUNDS:-501}" >"$out/time"
boot/um-run.sh -t 300 -a ltt_debug=0 -o "$out/um" -- boot/guest/bench-ltt.sh "$BUILD/um-ltt" time \
	"${ROUNDS:-501}" >"$out/ltt-time"
stage "compiling while events are recorded (User-mode Linux)"
boot/um-run.sh -m 1G -t 600 -a ltt_debug=0 -o "$out/um" -- boot/guest/bench-compile.sh 21 >"$out/compile"
stage "draining full channels (User-mode Linux)"
boot/selftest.sh um -t 300 -- relay_drain ROUNDS="${ROUNDS:-101}" >"$out/drain"
stage "recovering (QEMU)"
boot/tools.sh
# Other CPUs may have their turn meanwhile: the best of some boots.
for _ in {1..7}; do
	boot/sample-run.sh x86_64 -c 4 -t 120 -r -s -a "relayres=16M@256M" -o "$out/recovery-guest" \
		-f "$BUILD/x86_64-kmod/relay_recovery.ko:/relay_recovery.ko" -f build/relay-tools/relayctl -- boot/guest/bench-recovery.sh
done >"$out/recovery"
stage "recording at higher and higher rates (User-mode Linux)"
boot/sample-run.sh um -m 1G -t 300 -- boot/guest/bench-record.sh >"$out/record"
stage "recording events, with relayctl and trace-cmd (QEMU)"
boot/qemu-run.sh -m 1G -t 300 -a ltt_debug=0 -o "$out/x86_64" -f "$BUILD/x86_64-ltt/relay_ltt.ko:/relay_ltt.ko" \
	-f build/relay-tools/relayctl -f trace-cmd -- boot/guest/bench-recorders.sh 7 300000 >"$out/recorders"

python3 boot/bench-report.py "$out" "$BUILD/bench.json" && rc=0 || rc=$?
gnuplot -e "out='$BUILD/bench.svg'; dir='$out'" boot/bench.gp
stage "build/bench.json, build/bench.svg"
exit $rc
