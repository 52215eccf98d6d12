#!/bin/sh
# In a guest with fault injection: let allocations that may sleep fail, too, and
# run the suites that make each allocation of an open, or a mapping, fail in turn.
set -e
for what in failslab fail_page_alloc; do
	echo N >/sys/kernel/debug/$what/ignore-gfp-wait
	# Each would be told with a backtrace.
	echo 0 >/sys/kernel/debug/$what/verbose
done
echo 0 >/sys/kernel/debug/fail_page_alloc/min-order
for suite in relay-alloc relay-map-alloc; do
	echo 1 >/sys/kernel/debug/kunit/$suite/run
	cat /sys/kernel/debug/kunit/$suite/results
done
