#!/bin/bash
# job 30
# kernels: um-debug
# Opening a channel, or mapping a buffer, fails at each of its allocations:
# everything is undone.
. boot/lib.sh
rc=0
boot/um-run.sh -l -m 1G -k "$BUILD/um-debug/linux" -- boot/guest/alloc.sh >"$LOGS/alloc.log" || rc=$?
awk '
	/^    ok [0-9]+ / && !/SKIP/ { print "ok " ++n " - " $3; next }
	/^    (not )?ok [0-9]+ / { print "not ok " ++n " - " $0; bad++ }
	/# .*allocations|FAILED|^ +Expected / { print "#" $0 }
	END { exit bad > 0 || !n }' "$LOGS/alloc.log" || rc=1
exit $rc
