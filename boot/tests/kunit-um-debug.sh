#!/bin/sh
# job 120
# kernels: um-debug
# The same suites under KASAN, lockdep, kmemleak and the rest.
exec boot/kunit-run.sh -l -t 600 -m 1G -k build/um-debug/linux 'relay*'
