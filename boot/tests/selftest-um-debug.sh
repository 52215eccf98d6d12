#!/bin/bash
# job 220
# kernels: um-debug
# The files of relayfs under KASAN, lockdep, kmemleak and the rest. (kmemleak takes
# more than half of the time: it looks at the calls one by one, not at many of them.)
. boot/lib.sh
rc=0
boot/selftest.sh um-debug -m 1G -l -- relay_abi OPENS=100 || rc=1
boot/selftest.sh um-debug -m 1G -a kmemleak=off -- relay_stream SEED="${SEED:-1}" RECORDS=500 || rc=1
boot/selftest.sh um-debug -m 1G -a kmemleak=off -- relay_calls SEED="${SEED:-2}" CALLS="${CALLS:-10000}" || rc=1
exit $rc
