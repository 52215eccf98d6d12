#!/bin/sh
# ltt-crash.sh BUILD KMOD SCENARIO: in a guest, before and after it dies. Every CPU traces
# into the reserved area, as a flight recorder, while a witness outside of the area counts
# one kind of event; then the machine dies. The next kernel copies the bank to a file.
BUILD=$1 kmod=$2 scenario=$3
. boot/guest/sample.sh
. boot/guest/tools.sh
tracing=/sys/kernel/tracing
instances=$tracing/instances
reserved=/sys/kernel/relay/reserved
witness=0x8000000

trace() {
	insmod "$kmod/relay_ltt.ko" witness=$witness &&
	echo 'p:probes/open do_sys_openat2 path=+0(%si):ustring' >$tracing/kprobe_events &&
	echo 'p:probes/panic vpanic message=+0(%di):string' >>$tracing/kprobe_events &&
	relayctl trace create flight size=32K n=4 overwrite reserved &&
	echo stacktrace >$instances/flight/events/probes/panic/trigger &&
	relayctl trace enable flight 'sched:*' 'irq:*' 'timer:*' 'syscalls:*' 'block:*' 'probes:*' relay_ltt:witness relay_ltt:shape_outer &&
	cat $instances/flight/relay
}

# Until every CPU has gone round its buffer.
fill() {
	busybox truncate -s 1M /tmp/disk && busybox losetup /dev/loop0 /tmp/disk
	(while :; do dd if=/dev/zero of=/dev/loop0 bs=4k count=4 conv=fsync 2>/dev/null; done) &
	for cpu in 0 1 2 3; do
		(while :; do ls -R /sys/kernel/relay >/dev/null; done) &
	done
	while ! relayctl stat --json flight | awk -F'"overwritten":' '
		{ for (i = 2; i <= NF; i++) { n++; few += $i + 0 < 100 } } END { exit few || n < 4 }'; do :; done
}

die() {
	# One of its last events, however many ticks a slow machine has had since the others.
	dd if=/dev/zero of=/dev/loop0 bs=4k count=1 conv=fsync 2>/dev/null
	case $scenario in
	panic | kdump) echo c >/proc/sysrq-trigger ;;
	inside)
		echo 1 >/sys/module/relay_ltt/parameters/die
		echo 1 >/sys/kernel/debug/relay-ltt ;;
	reset) echo b >/proc/sysrq-trigger ;;
	kexec) kexec -e ;;
	esac
	busybox usleep 60000000
	exit 1
}

if ! grep -q '^bank=0 state=ended' $reserved/status; then
	result "$scenario: it traces into the reserved area" trace
	case $scenario in
	kexec) kexec -s -l /boot/bzImage --initrd=/boot/initramfs --append="$(cat /proc/cmdline)" || exit 1 ;;
	kdump) kexec -s -p /boot/bzImage --initrd=/boot/initramfs \
		--append="console=ttyS0 panic=-1 kunit.autorun=0 tsc=reliable no_timer_check nr_cpus=1" || exit 1 ;;
	esac
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
