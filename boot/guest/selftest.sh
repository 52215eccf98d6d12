#!/bin/sh
# selftest.sh MODULE_DIR PROGRAM_DIR PROGRAM NAME=VALUE...: in a guest, run a program
# of tools/testing/selftests/relay. Its report is TAP.
mod=$1 dir=$2 program=$3; shift 3
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
[ -e /relay_selftest.ko ] && mod=/ dir=/bin
if command -v insmod >/dev/null; then insmod "$mod/relay_selftest.ko"
else busybox insmod "$mod/relay_selftest.ko"; fi || exit 1
exec env MODULES="$mod" "$@" "$dir/$program"
