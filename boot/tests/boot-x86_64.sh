#!/bin/sh
# job 15
# kernels: x86_64
# The x86_64 kernel boots under QEMU.
exec boot/qemu-run.sh -- boot/guest/boot.sh
