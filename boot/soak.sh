#!/bin/bash
# soak.sh [SECONDS]: the client tests, over and over with fresh seeds, on both
# kernels. Stops at the first failure. SEED= starts with that one.
. "$(dirname "$0")/lib.sh"
limit=${1:-600} seed=${SEED:-$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')} rounds=0
cd "$ROOT"
boot/kernel.sh um x86_64
end=$(($(date +%s) + limit))
while [ "$(date +%s)" -lt $end ]; do
	for job in client-um client-qemu-nmi hotplug-qemu; do
		log=$LOGS/soak-$job.log
		if ! SEED=$seed RECORDS=20000 timeout -k 10 900 boot/tests/$job.sh >"$log" 2>&1 </dev/null ||
			grep -q '^not ok' "$log"; then
			show_log "$log"
			die "$job failed with seed $seed: make soak SECONDS=1 SEED=$seed shows it again"
		fi
		stage "$job, seed $seed: $(grep -c '^ok' "$log") passed"
	done
	rounds=$((rounds + 1)) seed=$((seed + 1000))
done
stage "$rounds rounds, no failure"
