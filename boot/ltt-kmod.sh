#!/bin/bash
# ltt-kmod.sh KERNEL: build the modules of tools/testing/ltt into build/KERNEL-ltt.
. "$(dirname "$0")/lib.sh"
need_to_compile
kernel_env
case $1 in um*) arch=um ;; *) arch=x86_64 ;; esac
exec 9>"$BUILD/.ltt-kmod-$1.lock"
flock 9
logged "ltt-kmod-$1" kmake "$BUILD/$1" $arch M="$ROOT/tools/testing/ltt" MO="$BUILD/$1-ltt" modules
