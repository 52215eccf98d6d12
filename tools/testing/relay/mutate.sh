#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Break the ring, and the barriers around it, in every way that the list of
# mutations has, and show which test notices. One that none notices is a failure:
# of the tests, or of a line that nothing needs.
#
# usage: mutate.sh <tree> <build directory> [part of a mutation's name]
# APPLY=1: only see that each changes something; no test is run
set -u
apply=${APPLY:-}
tree=$1
out=$2/mutate
only=${3:-}
here=$(cd "$(dirname "$0")" && pwd)
survived=0
total=0
# The tests know a variable of this name, too: which of their scenarios to run.
unset ONLY

copy() {
	rm -rf "$out/tree"
	mkdir -p "$out/tree/kernel/relay" "$out/tree/include/linux" \
		"$out/tree/include/uapi/linux" "$out/tree/tools/relay/relayctl" &&
		cp "$tree"/tools/relay/relayctl/parse*.[ch] "$out/tree/tools/relay/relayctl/" &&
		cp "$tree/kernel/relay.c" "$out/tree/kernel/" &&
		cp "$tree"/kernel/relay/*.[ch] "$out/tree/kernel/relay/" &&
		cp "$tree/include/linux/relay_ring.h" "$out/tree/include/linux/" &&
		cp "$tree/include/uapi/linux/relay.h" "$out/tree/include/uapi/linux/"
}

build() {
	make -s -C "$here" O="$out" TREE="$out/tree" WERROR= "$out/$1" \
		>"$out/build.log" 2>&1
}

# Does this test notice? The last line that it printed says what. It may take
# 250 seconds of a CPU, however busy the machine is; one that waits for ever takes none.
notices() {
	(ulimit -t 250 && exec timeout 600 "$@") >"$out/test.log" 2>&1
	code=$?
	[ $code -ne 0 ] || return 1
	reason=$(grep -A 1 '^not ok' "$out/test.log" | grep '^#' | head -1)
	[ -n "$reason" ] || reason=$(grep -m 1 '^not ok\|^WARNING: Thread\|ERROR:' \
		"$out/test.log")
	[ -n "$reason" ] || reason="exit $code"
	case $code in 124 | 137 | 152) reason="does not end" ;; esac
	return 0
}

step_call() { SPARSE=12 notices "$out/step-call"; }
step_call_32() { SPARSE=1000 notices "$out/step-call-32"; }
step_call_more() { SEED=2 SPARSE=2 notices "$out/step-call"; }
recover_test() { notices "$out/recover-test"; }
# (1133: a place of the ring that one bit moves to where nothing is committed.)
flip() { BANKS=4 notices "$out/flip" || SEED=1133 BANKS=1 notices "$out/flip"; }
hostile() { IMAGES=40000 notices "$out/hostile"; }
recover_test_32() { notices "$out/recover-test-32"; }
sequential() { notices "$out/sequential"; }
sequential_32() { notices "$out/sequential-32"; }
interleave() { ROUNDS=2 notices "$out/interleave"; }
interleave_32() { ROUNDS=2 notices "$out/interleave-32"; }
interleave_more() { SEED=2 ROUNDS=5 notices "$out/interleave"; }
threads_tsan() {
	TSAN_OPTIONS=halt_on_error=1 RECORDS=10000 notices "$out/threads-tsan"
}
barriers() { notices "$here/barriers.sh" "$out/tree" "$out"; }

# What runs in user space, the cheap tests first; and what of the rest a model has.
in_user_space="sequential sequential-32 recover-test flip hostile interleave step-call threads-tsan
	barriers interleave-32 step-call-32 recover-test-32 interleave-more
	step-call-more"
in_model=barriers

# Run the tests $1 until one notices. Sets caught.
hunt() {
	for test in $1; do
		case $test in
		barriers)
			;;
		*)
			build "${test%-more}" || {
				caught="DOES NOT BUILD"
				return 1
			} ;;
		esac
		if "$(echo "$test" | tr - _)"; then
			caught="$test: $reason"
			return 0
		fi
	done
	caught="NOTHING"
	return 1
}

trim() {
	printf "%s\n" "$1" | sed 's/^ *//; s/ *$//'
}

mutate() {
	copy || exit 1
	case $2 in
	ring.[ch]) file=$out/tree/kernel/relay/$2 tests=$in_user_space ;;
	parse.h | parse_*.c) file=$out/tree/tools/relay/relayctl/$2 tests=$in_user_space ;;
	relay_ring.h) file=$out/tree/include/linux/$2 tests=$in_user_space ;;
	relay.c) file=$out/tree/kernel/$2 tests=$in_model ;;
	*) file=$out/tree/kernel/relay/$2 tests=$in_model ;;
	esac
	cp "$file" "$out/before"
	sed -i "$3" "$file"
	if cmp -s "$file" "$out/before"; then
		caught="DOES NOT APPLY"
		return 1
	fi
	caught=applies
	[ -n "$apply" ] || hunt "$tests"
}

mkdir -p "$out"
copy || exit 1
export ASAN_OPTIONS=detect_leaks=0
if [ -z "$apply" ] && hunt "$in_user_space"; then
	echo "not ok: the ring as it is | $caught"
	exit 1
fi
echo 'mutation | caught by'
echo '---|---'
# The command comes last and may hold bars of its own.
while IFS= read -r line; do
	case $line in
	'' | '#'*) continue ;;
	esac
	name=$(trim "${line%%|*}")
	rest=${line#*|}
	case $name in
	*"$only"*) ;;
	*) continue ;;
	esac
	total=$((total + 1))
	mutate "$name" "$(trim "${rest%%|*}")" "$(trim "${rest#*|}")" ||
		survived=$((survived + 1))
	echo "$name | $caught"
done <"$here/mutations"
if [ -n "$apply" ]; then
	[ $survived -eq 0 ] && echo "ok all $total apply" || echo "not ok $survived do not apply"
else
	echo "# $survived of $total mutations survived"
fi
[ $survived -eq 0 ] && [ $total -gt 0 ]
