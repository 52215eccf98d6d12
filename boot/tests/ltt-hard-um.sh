#!/bin/bash
# job 80
# kernels: um
# Traces under load: markers that are switched, strings that change, events of any size,
# four traces at once, times far apart, and whatever is written to the file relay.
. boot/lib.sh
need_to_compile
need babeltrace babeltrace2 python3-bt2
kernel_env
out=$BUILD/ltt-hard-out kmod=$BUILD/um-ltt
rm -rf "$out"
boot/ltt-kmod.sh um
mkdir -p "$out"
boot/tools.sh
gcc -O2 -Wall -pthread -o "$out/ltt-change" boot/guest/ltt-change.c
boot/sample-run.sh um -o "$out" -a relayres=8M@256M -- boot/guest/ltt-hard.sh "$kmod" | tee "$out/guest.txt"
/usr/bin/python3 boot/ltt-hard-check.py "$out"
