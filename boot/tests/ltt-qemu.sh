#!/bin/bash
# job 110
# kernels: x86_64
# Traces on a machine with a time stamp counter and probes: live; from NMIs; and from the reserved
# area, after the machine has died in every way.
. boot/lib.sh
boot/tools.sh
rc=0
for scenario in ${SCENARIOS:-all live line hard panic inside reset kexec kdump boot}; do
	boot/ltt-run.sh "$scenario" "$BUILD/ltt-qemu/$scenario" || rc=1
done
exit $rc
