#!/bin/bash
# job 40
# kernels: x86_64 x86_64-kcsan i386
# What one kernel has recorded is found by one of another build and configuration,
# and by one of another word size.
. boot/lib.sh
boot/tools.sh
rc=0
for scenario in kill-x86_64-kcsan kill-i386; do
	boot/reserved-run.sh $scenario "$BUILD/reserved/$scenario" || rc=1
done
exit $rc
