#!/bin/bash
# job 40
# kernels: um
# Debian's blktrace against the kernel's blktrace as 7.3 has it: our relay must
# do for a client that knows nothing of reserve and commit.
. boot/lib.sh
need blktrace busybox-static
boot/unconverted.sh
exec boot/um-run.sh -k build/um-unconverted/linux -- boot/guest/blktrace.sh
