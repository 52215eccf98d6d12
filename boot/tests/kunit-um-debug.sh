#!/bin/sh
# job 165
# kernels: um-debug
# The same suites under KASAN, lockdep, kmemleak and the rest.
exec boot/kunit-run.sh -l -m 1G -a relayres=8M@256M -k build/um-debug/linux 'relay*'
