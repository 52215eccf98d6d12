#!/bin/bash
# job 200
# if: tools/testing/relay/Makefile
# The ring in user space: an interrupt or a crash at each instruction.
. boot/lib.sh
need gcc gcc-multilib clang spin make libc6-dev
exec make -s -C tools/testing/relay O="$BUILD/user-step" step
