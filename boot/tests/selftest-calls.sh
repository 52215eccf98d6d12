#!/bin/sh
# job 100
# kernels: um
# A million calls at random.
exec boot/selftest.sh um -- relay_calls SEED="${SEED:-1}" CALLS="${CALLS:-1000000}"
