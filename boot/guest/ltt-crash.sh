#!/bin/sh
# ltt-crash.sh BUILD KMOD SCENARIO: in a guest, before and after it dies. Every CPU traces
# into the reserved area, as a flight recorder, while a witness outside of it counts one
# kind of event; then the machine dies. The next kernel hands the bank over as a file.
BUILD=$1 kmod=$2 scenario=$3
. boot/guest/sample.sh
. boot/guest/tools.sh
tracing=/sys/kernel/tracing
instances=$tracing/instances
reserved=/sys/kernel/relay/reserved
witness=0x8000000

trace() {
	insmod "$kmod/relay_ltt.ko" witness=$witness &&
	echo 'p:probes/open do_sys_openat2 flags=+0(%dx):u64' >$tracing/kprobe_events &&
	relayctl trace create flight size=32K n=4 overwrite reserved &&
	relayctl trace enable flight 'sched:*' 'irq:*' 'timer:*' 'syscalls:*' 'probes:*' relay_ltt:witness &&
	cat $instances/flight/relay
}

# Until every CPU has gone round its buffer.
fill() {
	for cpu in 0 1 2 3; do
		(while :; do ls -R /sys/kernel/relay >/dev/null; done) &
	done
	while ! relayctl stat --json flight | awk -F'"overwritten":' '
		{ for (i = 2; i <= NF; i++) { n++; few += $i + 0 < 100 } } END { exit few || n < 4 }'; do :; done
}

die() {
	case $scenario in
	panic) echo c >/proc/sysrq-trigger ;;
	reset) echo b >/proc/sysrq-trigger ;;
	kexec) kexec -e ;;
	esac
	busybox usleep 60000000
	exit 1
}

if ! grep -q '^bank=0 state=ended' $reserved/status; then
	result "$scenario: it traces into the reserved area" trace
	if [ "$scenario" = kexec ]; then
		kexec -s -l /boot/bzImage --initrd=/boot/initramfs --append="$(cat /proc/cmdline)" || exit 1
	fi
	fill
	# (It returns when the output is out; what the port still has goes with the machine.)
	busybox stty -echo <&1
	die
fi

hand_over() {
	cat $reserved/status && cp $reserved/bank0 "$OUT/bank" &&
		dd if=/dev/mem of="$OUT/witness" bs=4096 skip=$((witness / 4096)) count=1 2>/dev/null &&
		recover_to "$OUT/recovered.json" -o "$OUT/recovered"
}
result "$scenario: the bank is handed over" hand_over
