#!/bin/bash
# job 60
# relayctl recover on files: areas that the ring wrote, as images of memory and in
# vmcores of 64 and 32 bits, whole, damaged and mutated, with the sanitizers on.
. boot/lib.sh
need gcc gcc-multilib make libc6-dev pkg-config libjson-c-dev libelf-dev libisal-dev libkdumpfile-dev libzstd-dev kexec-tools babeltrace babeltrace2 python3-bt2
out=$BUILD/recover
mkdir -p "$out"
san="-g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all"
logged recover-tools make -C tools/relay O="$out/tools" CFLAGS="$san" LDFLAGS="$san" "$out/tools/relayctl"
logged recover-test make -C tools/testing/relay O="$out/user" "$out/user/recover-test" "$out/user/recover-test-32"
SEED=${SEED:-1} exec /usr/bin/python3 boot/recover-test.py "$out"
