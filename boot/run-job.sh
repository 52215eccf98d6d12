#!/bin/bash
# run-job.sh JOB: run a job (boot/job.sh) with its output in build/test/JOB.log, and
# print a line with the tests passed and failed, and the time; then the failed tests.
. "$(dirname "$0")/lib.sh"
job=$1 log=$BUILD/test/$1.log
start=$(date +%s) rc=0
# Nothing may hang the whole. A job of five minutes may take half an hour beside others on a
# slow machine.
timeout -k 10 "${JOB_TIMEOUT:-3600}" "$ROOT/boot/job.sh" "$job" >"$log" 2>&1 </dev/null || rc=$?
ok=$(grep -cE '^ok ' "$log" || true)
bad=$(grep -cE '^not ok ' "$log" || true)
# A job that ends badly without saying which test, or tests nothing, has failed.
if [ "$bad" = 0 ] && { [ $rc != 0 ] || [ "$ok" = 0 ]; }; then bad=1; fi
echo "$ok $bad" >"$BUILD/test/$job.count"
report=$(
	stage "$job: $ok passed, $bad failed ($(($(date +%s) - start)) s)"
	if [ "$bad" != 0 ]; then
		[ $rc = 0 ] || echo "    exit status $rc; log: ${log#"$ROOT"/}"
		{ grep -E '^not ok ' "$log" || true; } | head -20 | sed 's/^/    /'
		show_log "$log" | sed 's/^/    /'
	fi
)
echo "$report"
