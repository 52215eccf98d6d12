#!/bin/sh
# bench-recovery.sh BUILD: in a guest that is reset in between, fill a recording in
# the reserved area, and see how long the next boot takes to recover it.
BUILD=$1
. boot/guest/sample.sh
if [ ! -d /sys/kernel/relay/reserved/previous ]; then
	load seed=1 reserved=1 overwrite=1 timer_ms=0 period_us=50 burst=64 max_payload=448 subbuf_size=65536 n_subbufs=28
	echo 10000000 >$sample/control
	while ! awk '/^buffer/ && $4 < 10 { exit 1 }' $sample/stats; do busybox usleep 10000; done
	echo b >/proc/sysrq-trigger
fi
# By the log's own times: what initcall_debug says is in ticks until there is a clock.
dmesg | tr -d '[]' | awk '$3 !~ /^relay_(reserved|previous)_init/ { next }
	$2 == "calling" { start = $1 }
	$2 == "initcall" { us += ($1 - start) * 1000000 }
	END { printf "recovery_us=%d\n", us }'
# The check sums: when somebody looks.
before=$(cut -d' ' -f1 /proc/uptime | tr -d .)
cat /sys/kernel/relay/reserved/previous/relay-sample/stats >/dev/null
echo "first_look_us=$((($(cut -d' ' -f1 /proc/uptime | tr -d .) - before) * 10000))"
insmod /relay_recovery.ko
dmesg | grep -o 'memcpy_us=.*'
