#!/bin/bash
# job 220
# kernels: x86_64
# The machine dies under load, in every way, and what was recorded is recovered.
. boot/lib.sh
boot/tools.sh
rc=0
for scenario in ${SCENARIOS:-same reset panic nmi kexec-file kexec-load kdump kdump-large static loop policy unit kill efi damage hibernate hibernate-static}; do
	boot/reserved-run.sh "$scenario" "$BUILD/reserved/$scenario" || rc=1
done
exit $rc
