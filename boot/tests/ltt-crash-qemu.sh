#!/bin/bash
# job 300
# kernels: x86_64
# Traces from the reserved area, after the machine has died in every way.
. boot/lib.sh
boot/tools.sh
rc=0
for scenario in ${SCENARIOS:-panic inside reset kexec kdump boot}; do
	boot/ltt-run.sh "$scenario" "$BUILD/ltt-qemu/$scenario" || rc=1
done
exit $rc
