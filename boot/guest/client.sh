#!/bin/sh
# client.sh BUILD RECORDS SEED [NMI]: runs in a guest. The sample writes from
# every context while its reader drains it, in channels of several kinds. Check
# that received + lost = written, and that no record is torn.
BUILD=$1 records=$2 seed=$3 nmi=${4-}
. boot/guest/sample.sh

account() {
	read_sample -n "$records" && awk '$1 == "all" && $3 > 0 { ok = 1 } END { exit !ok }' /tmp/result || return 1
	# Where NMIs are expected, there must have been some.
	[ -z "$nmi" ] || awk '$1 == "NMI" && $2 > 0 { ok = 1 } END { exit !ok }' /tmp/result
}

# It ends when it is told to, whatever it is doing. (On a debug kernel each time
# takes most of a second.)
stops=300
[ ! -e /sys/kernel/debug/kmemleak ] || stops=10
stop() {
	while [ $stops -gt 0 ]; do
		echo 1000000 >$sample/control && echo 0 >$sample/control && cat $sample/control || return 1
		stops=$((stops - 1))
	done
	grep '^writer' $sample/stats
}

client() {
	kind=$1; shift
	load seed="$seed" "$@"
	result "client, $kind" account
	rmmod relay_sample
	seed=$((seed + 1))
}

echo "# seed $seed"
client "one buffer a CPU"
client "sub-buffers of an odd size" subbuf_size=1140 n_subbufs=251
client "buffers that are too small" subbuf_size=1000 n_subbufs=2 burst=16
client "partly filled sub-buffers, by timer" timer_ms=10 subbuf_size=262144
client "overwritten" overwrite=1 subbuf_size=4096 n_subbufs=4
client "one buffer for all" global=1
client "one small buffer for all" global=1 subbuf_size=2000 n_subbufs=3
client "one buffer for all, overwritten" global=1 overwrite=1 subbuf_size=4096 n_subbufs=4
load seed="$seed" overwrite=1
result "client, stopped while it writes" stop
rmmod relay_sample
if grep -q relayres= /proc/cmdline; then
	client "in the reserved area" reserved=1
	client "in the reserved area, overwritten" reserved=1 overwrite=1 subbuf_size=4096 n_subbufs=4
	client "in the reserved area, one buffer for all, overwritten" reserved=1 global=1 overwrite=1 subbuf_size=5000 n_subbufs=5
fi
