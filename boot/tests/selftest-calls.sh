#!/bin/bash
# job 120
# kernels: um um-debug
# A million calls at random; some more where the kernel looks for mistakes.
. boot/lib.sh
rc=0
boot/selftest.sh um -t 600 -- relay_calls SEED="${SEED:-1}" CALLS="${CALLS:-1000000}" || rc=1
boot/selftest.sh um-debug -m 1G -l -t 600 -- relay_calls SEED="${SEED:-2}" CALLS=20000 || rc=1
exit $rc
