#!/bin/bash
# soak.sh [SECONDS]: build each commit of the series, then run the client tests again and
# again with fresh seeds on both kernels, the tests on arm64 and on PREEMPT_RT, and a trace
# on 32 bits. Stops at the first failure, or when the running test ends after SECONDS.
# SEED= is the first seed.
. "$(dirname "$0")/lib.sh"
limit=${1:-600} runs=0 seed=${SEED:-$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')}
cd "$ROOT"
boot/series-build.sh
boot/kernel.sh um x86_64 arm64 x86_64-rt i386-ltt
end=$(($(date +%s) + limit))
while :; do
	for job in client-um client-qemu-nmi hotplug-qemu selftest-um selftest-calls reserved-instants arm64 rt ltt-i386; do
		[ "$(date +%s)" -lt $end ] || break 2
		log=$LOGS/soak-$job.log script="boot/job.sh $job"
		[ ! -f boot/$job-run.sh ] || script=boot/$job-run.sh
		if ! SEED=$seed RECORDS=20000 INSTANTS=950 LIMIT=800 timeout -k 10 900 $script >"$log" 2>&1 </dev/null ||
			grep -q '^not ok' "$log"; then
			show_log "$log"
			die "$job failed; again: SEED=$seed RECORDS=20000 INSTANTS=950 LIMIT=800 $script"
		fi
		runs=$((runs + 1))
		stage "$job, seed $seed: $(grep -c '^ok' "$log") passed"
	done
	seed=$((seed + 1000))
done
stage "$runs runs, no failure"
