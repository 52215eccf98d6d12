#!/bin/bash
# job 10
# kernels: um
# Debian's blktrace, unmodified, on a loop device: nothing lost, nothing twice.
. boot/lib.sh
need blktrace busybox-static
exec boot/um-run.sh -- boot/guest/blktrace.sh
