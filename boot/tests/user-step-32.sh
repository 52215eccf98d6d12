#!/bin/bash
# job 195
# if: tools/testing/relay/Makefile
# A 32-bit ring in user space: an interrupt or a crash at each instruction.
. boot/lib.sh
need gcc gcc-multilib clang spin make libc6-dev
exec make -s -C tools/testing/relay O="$BUILD/user-step-32" step-32
