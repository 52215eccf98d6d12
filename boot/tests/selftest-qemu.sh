#!/bin/bash
# job 90
# kernels: x86_64
# The same on x86_64, by programs of 64 and of 32 bits.
. boot/lib.sh
rc=0
for program in relay_abi relay_mount relay_stream; do
	boot/selftest.sh x86_64 -- $program SEED="${SEED:-1}" RECORDS=2000 || rc=1
done
for program in relay_abi relay_stream; do
	BITS=32 boot/selftest.sh x86_64 -- $program SEED="${SEED:-1}" RECORDS=2000 || rc=1
done
exit $rc
