#!/bin/sh
# bench.sh DIR time|count ROUNDS: in a guest, load relay_bench.ko (modules in DIR) and
# print its figures. "count" wants an emulator that counts instructions.
set -e
insmod "$1/stock_relay.ko"
if [ "$2" = count ]; then
	insmod "$1/relay_bench.ko" count=1 rounds="$3"
else
	python3 "$(dirname "$0")/bench-load.py" "$1/relay_bench.ko" rounds="$3"
	rmmod relay_bench
	python3 "$(dirname "$0")/bench-reader.py" &
	insmod "$1/relay_bench.ko" reader=1 rounds="$3"
fi
rmmod relay_bench
dmesg | grep -o 'figure .*\|ratio mode.*'
