#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Run the random tests with one seed after the other until the time is over.
#
# usage: soak.sh <build directory> <seconds>
set -u
out=$1
end=$(($(date +%s) + $2))
seed=${SEED:-1}
rounds=0

while [ "$(date +%s)" -lt "$end" ]; do
	for test in step-call step-call-32 interleave interleave-32 sequential \
		sequential-32 threads threads-32 threads-asan threads-tsan \
		recover-test recover-test-32 caches flip hostile hostile-32; do
		[ "$(date +%s)" -lt "$end" ] || break
		# Of a flip's seed there are 20 banks.
		[ $test = flip ] && from=$((seed * 20)) || from=$seed
		if ! SEED=$from "$out/$test" >"$out/soak.log" 2>&1; then
			cat "$out/soak.log"
			echo "not ok 1 - soak: $test SEED=$from"
			exit 1
		fi
	done
	# Goes on with what it found in the rounds before.
	mkdir -p "$out/corpus"
	# shellcheck disable=SC2086 # a list of options
	if ! (cd "$out" && ./hostile-fuzz $FUZZ -max_total_time=60 corpus) \
		>"$out/soak.log" 2>&1; then
		tail -n 30 "$out/soak.log"
		echo "not ok 1 - soak: hostile-fuzz"
		exit 1
	fi
	seed=$((seed + 1))
	rounds=$((rounds + 1))
done
echo "ok 1 - soak: $rounds seeds"
