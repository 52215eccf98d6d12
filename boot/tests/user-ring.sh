#!/bin/bash
# job 280
# if: tools/testing/relay/Makefile
# The ring in user space: interleavings, sanitizers, recovery, model.
. boot/lib.sh
# (It would install them by itself, if nobody else were doing so meanwhile.)
need gcc gcc-multilib clang spin make libc6-dev
exec make -s -C tools/testing/relay rest
