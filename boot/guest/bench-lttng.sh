#!/bin/sh
# bench-lttng.sh ROUNDS tsc|own [CONTEXT...]: in a guest of QEMU. Measure the cost of sched_switch
# in lttng-modules (in /lttng), with LTT's clock or its own, and with the named contexts; and in
# LTT, by bench-ltt.sh.
set -e
rounds=$1 clock=$2
shift 2
while read -r module; do
	busybox insmod "/lttng/$module.ko"
	# It is there before the tracer is, or it is not the tracer's.
	[ "$module $clock" != "lttng-clock tsc" ] || busybox insmod /lttng/lttng_clock_tsc.ko
done </lttng/order
exec /bench-ltt.sh / count "$rounds" lttng_probe_sched /lttng_session "$@" --
