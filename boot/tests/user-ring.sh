#!/bin/sh
# job 170
# if: tools/testing/relay/Makefile
# The ring in user space: nesting at every instruction, sanitizers, model.
exec make -s -C tools/testing/relay test
