#!/bin/bash
# job 250
# kernels: x86_64
# Traces on a machine with a time stamp counter and probes: all events, probes, in one line, and
# from NMIs.
. boot/lib.sh
boot/tools.sh
rc=0
for scenario in ${SCENARIOS:-all live line hard}; do
	boot/ltt-run.sh "$scenario" "$BUILD/ltt-qemu/$scenario" || rc=1
done
exit $rc
