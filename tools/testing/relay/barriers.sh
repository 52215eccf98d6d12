#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Check each pair of barriers of the ring with a model that reorders all that
# no barrier holds. Whether a barrier is there is read from the source.
#
# usage: barriers.sh <kernel tree or overlay> <build directory>
set -u
tree=$1
out=$2/barriers
here=$(cd "$(dirname "$0")" && pwd)
status=0
mkdir -p "$out" && cd "$out" || exit 1

# Does the statement that carries label $1 use operation $2?
has() {
	cat "$tree/kernel/relay/ring.c" "$tree/include/linux/relay_ring.h" |
		grep -B 3 -F "/* LMM($1) */" | grep -qF "$2" && echo 1 || echo 0
}

# Kind of pair, then label and operation of either side.
pair() {
	name="$2 with $4"
	if spin -a -D"$1" -DFIRST="$(has "$2" "$3")" \
		-DSECOND="$(has "$4" "$5")" "$here/barriers.pml" >spin.log 2>&1 &&
	   cc -O1 -w -DSAFETY pan.c -o pan && ./pan -E >pan.log 2>&1 &&
	   grep -q 'errors: 0' pan.log; then
		echo "ok $name"
	else
		echo "not ok $name"
		status=1
	fi
}

acquire='atomic_long_read_acquire('
release='atomic_long_set_release('
full='atomic_long_try_cmpxchg('

pair PASSING relay_ring_publish:A 'smp_wmb();' relay_ring_partial:A 'smp_rmb();'
pair PASSING relay_ring_publish:A 'smp_wmb();' relay_record_last_time:A "$acquire"
pair PASSING relay_ring_deliver:A "$release" relay_ring_peek:A "$acquire"
pair PASSING relay_ring_deliver:A "$release" relay_subbuf_take:A "$acquire"
pair PASSING relay_subbuf_take:B "$full" relay_ring_intact:A 'smp_rmb();'
pair PASSING relay_note_claim:B 'relay_word_try_cmpxchg(&note->begin' \
	relay_note_claim:A "$acquire"
pair PASSING relay_note_claim:B 'relay_word_try_cmpxchg(&note->begin' \
	relay_subbuf_extend_noted:A "$acquire"
pair PASSING relay_time_set:A "$full" relay_time_read:B 'smp_rmb();'
pair PASSING relay_time_set:B "$release" relay_time_read:A "$acquire"
pair TURN relay_ring_consume:A "$full" relay_subbuf_take:A "$acquire"
exit $status
