#!/bin/bash
# job 15
# kernels: um
# Each fault of the relay of Linux 7.3 has a test that passes here, and fails
# there. The same source, the same boot: see tools/testing/relay/kmod/.
. boot/lib.sh
need_to_compile
kernel_env
dir=$BUILD/um-kmod
pristine=$(boot/fetch.sh | tail -n 1)
logged faults-kmod kmake "$BUILD/um" um M="$ROOT/tools/testing/relay/kmod" MO="$dir" PRISTINE="$pristine" modules

rc=0
boot/um-run.sh -c 4 -- boot/guest/faults.sh "$dir" >"$LOGS/faults.log" || rc=$?
awk '
	/^    # Subtest: / { suite = $3 }
	/^    (not )?ok [0-9]+/ {
		passed = $1 == "ok"; name = $(passed ? 3 : 4)
		good = suite == "relay_faults" ? passed : !passed
		printf "%s %d - %s\n", good ? "ok" : "not ok", ++n,
			suite == "relay_faults" ? name : "the stock relay fails " name
		bad += !good; seen[suite]++
	}
	/EXPECTATION FAILED|ASSERTION FAILED|^ +Expected / && suite == "relay_faults" { print "# " $0 }
	END {
		if (seen["relay_faults"] != seen["stock_relay_faults"] || !n) { print "not ok " ++n " - all tests ended in both"; bad++ }
		exit bad > 0
	}' "$LOGS/faults.log" || rc=1
exit $rc
