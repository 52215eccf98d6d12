#!/bin/sh
# faults.sh DIR: in a guest, run the same tests on this relay and on the stock
# one (modules in DIR), and print the kernel's reports.
set -e
insmod "$1/stock_relay.ko"
for suite in relay_faults stock_relay_faults; do
	insmod "$1/$(echo $suite | sed s/stock_relay/stock/).ko"
	echo 1 >/sys/kernel/debug/kunit/$suite/run
	cat /sys/kernel/debug/kunit/$suite/results
done
