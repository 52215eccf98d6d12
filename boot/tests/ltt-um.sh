#!/bin/bash
# job 60
# kernels: um
# Typed events over relay, read by babeltrace2 and babeltrace, against ftrace's own text.
. boot/lib.sh
need_to_compile
need babeltrace babeltrace2 python3-bt2
kernel_env
out=$BUILD/ltt-out kmod=$BUILD/um-ltt
rm -rf "$out"
boot/ltt-kmod.sh um
mkdir -p "$out"
boot/tools.sh
boot/sample-run.sh um -o "$out" -- boot/guest/ltt.sh "$kmod" | tee "$out/guest.txt"
/usr/bin/python3 boot/ltt-check.py "$out"
