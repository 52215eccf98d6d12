#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Check each pair of barriers with a model that reorders all that no barrier
# holds. Whether a barrier is there is read from the source: from the statement
# that carries its label. A label that is in no pair is a failure.
#
# usage: barriers.sh <kernel tree or overlay> <build directory>
set -u
tree=$1
out=$2/barriers
here=$(cd "$(dirname "$0")" && pwd)
labels=
status=0
mkdir -p "$out" && rm -f "$out"/verdict-* &&
	cat "$tree/kernel/relay.c" "$tree"/kernel/relay/*.c \
		"$tree/include/linux/relay_ring.h" >"$out/source" &&
	cd "$out" || exit 1

# Does the statement that carries label $1 use operation $2? What the kernel at
# large has is "given".
has() {
	if [ "$2" = given ] || grep -B 3 -F "/* LMM($1) */" source | grep -qF "$2"; then
		echo 1
	else
		echo 0
	fi
}

# Kind of pair, and which of its barriers are there: asked once.
holds() {
	verdict=verdict-$1-$2-$3
	[ -f "$verdict" ] || {
		spin -a -D"$1" -DFIRST="$2" -DSECOND="$3" "$here/barriers.pml" &&
			cc -O1 -w -DSAFETY pan.c -o pan && ./pan -E
	} >"$verdict" 2>&1
	grep -q 'errors: 0' "$verdict"
}

# Kind of pair, then label and operation of either side.
pair() {
	labels="$labels $2 $4"
	if holds "$1" "$(has "$2" "$3")" "$(has "$4" "$5")"; then
		echo "ok $2 with $4"
	else
		echo "not ok $2 with $4"
		status=1
	fi
}

acquire='atomic_long_read_acquire('
release='atomic_long_set_release('
full='atomic_long_try_cmpxchg('

# The ring.
pair PASSING relay_ring_publish:A 'smp_wmb();' relay_ring_partial:A 'smp_rmb();'
pair PASSING relay_ring_publish:A 'smp_wmb();' relay_record_last_time:A "$acquire"
pair PASSING relay_ring_deliver:A "$release" relay_ring_peek:A "$acquire"
pair PASSING relay_ring_deliver:A "$release" relay_subbuf_take:A "$acquire"
pair PASSING relay_subbuf_take:B "$full" relay_ring_intact:A 'smp_rmb();'
pair PASSING relay_note_claim:B 'relay_word_try_cmpxchg(&note->begin' \
	relay_note_read:A "$acquire"
pair PASSING relay_note_claim:C "$release" relay_note_read:B "$acquire"
pair PASSING relay_note_join:A 'relay_word_try_cmpxchg(&upper->end' \
	relay_note_read:B "$acquire"
pair PASSING relay_ring_deliver:B 'smp_store_release(' \
	relay_subbuf_records:A 'smp_load_acquire('
pair PASSING relay_ring_enter:A 'relay_word_try_cmpxchg(&ring->control->reserve' \
	relay_ring_reserve_rest:A 'smp_rmb();'
pair PASSING relay_time_set:A "$full" relay_time_read:B 'smp_rmb();'
pair PASSING relay_time_set:B "$release" relay_time_read:A "$acquire"
pair TURN relay_ring_consume:A "$full" relay_subbuf_take:A "$acquire"

# Who waits, and who delivers.
pair MEETING relay_buf_wake:A 'smp_mb();' poll_wait given

# What is lent.
pair MEETING relay_lend_start:A 'smp_mb();' relay_data_mapped:A 'smp_mb__after_atomic();'
pair PASSING relay_lend_start:B 'smp_store_release(' \
	relay_reader_cursor:A 'smp_load_acquire('
pair PASSING relay_lend_reclaim:A 'smp_store_release(' \
	relay_reader_cursor:A 'smp_load_acquire('
pair TURN put_page given relay_subbuf_lent:A 'smp_mb();'

# The meta pages, and the size of a file.
pair PASSING relay_meta_deliver:A 'smp_wmb();' relay_meta_sequence:B 'smp_rmb();'
pair PASSING relay_meta_deliver:B 'smp_store_release(' \
	relay_meta_sequence:A 'smp_load_acquire('
pair NEWEST relay_meta_produce:A 'atomic_long_inc_return(' relay_meta_produce:B 'smp_mb();'
pair NEWEST relay_buf_grow:A 'atomic_long_add_return(' relay_buf_grow:B 'smp_mb();'

for label in $(sed -n 's|.*/\* LMM(\(.*\)) \*/.*|\1|p' source); do
	case "$labels " in
	*" $label "*) ;;
	*)
		echo "not ok $label is in no pair"
		status=1 ;;
	esac
done
exit $status
