#!/bin/sh
# bench-recovery.sh BUILD: in a guest, fill a recording in the reserved area; after a
# reset, measure the time of its recovery.
BUILD=$1
. boot/guest/sample.sh
if ! grep -q state=ended /sys/kernel/relay/reserved/status; then
	load seed=1 reserved=1 overwrite=1 timer_ms=0 period_us=50 burst=64 max_payload=448 subbuf_size=65536 n_subbufs=28
	echo 10000000 >$sample/control
	while ! awk '/^buffer/ && $4 < 10 { exit 1 }' $sample/stats; do busybox usleep 10000; done
	echo b >/proc/sysrq-trigger
fi
uptime_us() { awk '{ printf "%d", $1 * 1000000 }' /proc/uptime; }
before=$(uptime_us)
build/relay-tools/relayctl recover >/dev/null
echo "recovery_us=$(($(uptime_us) - before))"
insmod /relay_recovery.ko
dmesg | grep -o 'memcpy_us=.*'
