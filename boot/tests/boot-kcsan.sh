#!/bin/sh
# job 20
# kernels: x86_64-kcsan
# The kernel under KCSAN boots without a report.
exec boot/qemu-run.sh -k build/x86_64-kcsan/arch/x86/boot/bzImage -a kcsan.early_enable=1 -- boot/guest/boot.sh
