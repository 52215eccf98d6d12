#!/bin/bash
# job 60
# kernels: um
# The user ABI of relayfs, from user space.
. boot/lib.sh
rc=0
for program in relay_abi relay_files relay_mount relay_stream; do
	boot/selftest.sh um -- $program SEED="${SEED:-1}" RECORDS="${RECORDS:-5000}" || rc=1
done
exit $rc
