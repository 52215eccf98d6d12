#!/bin/sh
# job 20
# kernels: x86_64
# What KUnit does to CPUs that come and go, which those of User-mode Linux do not, and
# on one that is isolated.
exec boot/kunit-run.sh -c 3 -a nohz_full=2 -k build/x86_64/arch/x86/boot/bzImage 'relay-hotplug*'
