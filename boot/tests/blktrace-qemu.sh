#!/bin/bash
# job 40
# kernels: x86_64
# The same on x86_64. The host's dd: busybox's knows no direct I/O.
. boot/lib.sh
need blktrace
exec boot/qemu-run.sh -f blktrace -f blkparse -f dd -- boot/guest/blktrace.sh
