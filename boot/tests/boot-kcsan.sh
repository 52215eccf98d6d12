#!/bin/sh
# soak 20
# kernels: x86_64-kcsan
# The kernel under KCSAN boots without a report.
exec boot/qemu-run.sh -k build/x86_64-kcsan/arch/x86/boot/bzImage -- boot/guest/boot.sh
