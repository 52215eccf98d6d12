#!/bin/bash
# job 160
# if: tools/testing/relay/Makefile
# The same of a 32-bit ring.
. boot/lib.sh
need gcc gcc-multilib clang spin make libc6-dev
exec make -s -C tools/testing/relay O="$BUILD/user-step-32" step-32
