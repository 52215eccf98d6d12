#!/bin/sh
# bench-record.sh BUILD: in a guest, the sample writes at increasing rates to a global
# buffer, which cat drains into a file, or relayctl record. Prints for each rate the
# number of records that found no room, up to the first rate at which cat lost some and
# relayctl none. Tries up to three times.
BUILD=$1
. boot/guest/sample.sh
. boot/guest/tools.sh

# Waits until the process has a file of the channel open.
until_open() {
	until ls -l "/proc/$1/fd" 2>/dev/null | grep -q "/$channel/cpu"; do
		busybox usleep 1000
	done
}

by_cat() {
	cat "/sys/kernel/relay/$channel/cpu0" >/tmp/cat &
	reader=$!
	until_open $reader
	write_records $records
	full=$(counted full)
	kill $reader
	rm /tmp/cat
}

by_record() {
	start_record -o /tmp/a
	until_open $recorder
	write_records $records
	full=$(counted full)
	stop_record >/dev/null
	rm -r /tmp/a
}

# lost READER: what it loses at this rate
lost_by() {
	load burst=$burst subbuf_size=65536 n_subbufs=64 max_payload=448 timer_ms=10 global=1
	by_$1
	rmmod relay_sample
	echo "record reader=$1 burst=$burst written=$((records * 6)) lost=$full"
}

# Pages that the guest never had come from the host, slowly: have them all.
dd if=/dev/zero of=/tmp/all bs=1M count=700 2>/dev/null
rm /tmp/all

# One search; the host takes CPUs away now and then, which neither can help.
search() {
	for burst in 8 9 10 11 12 13 14 15 16 18 20 22 24 28 32; do
		records=$((burst * 3000))
		lost_by cat
		cat_lost=$full
		lost_by record
		[ "$cat_lost" = 0 ] || [ "$full" != 0 ] || return 0
	done
	return 1
}
search || search || search || : # it shows in the figure
