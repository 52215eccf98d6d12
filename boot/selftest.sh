#!/bin/bash
# selftest.sh KERNEL [guest options] -- PROGRAM [NAME=VALUE]...: run a program of
# tools/testing/selftests/relay in a guest, with its module. BITS=32 builds the
# program for 32 bits.
. "$(dirname "$0")/lib.sh"
need_to_compile
need gcc-multilib
kernel_env
kernel=$1; shift
options=()
while [ "$1" != -- ]; do options+=("$1"); shift; done
shift
program=$1; shift
src=tools/testing/selftests/relay bits=${BITS:-64}
out=$BUILD/selftest/$bits mod=$BUILD/selftest/$kernel-kmod
cd "$ROOT"
mkdir -p "$out/include/linux" "$mod"

# Two jobs may need the same: one builds, the other finds it built.
exec 9>"$BUILD/selftest/.lock"
flock 9
case $kernel in um*) arch=um ;; *) arch=x86_64 ;; esac
logged "selftest-$kernel" kmake "$BUILD/$kernel" $arch M="$ROOT/$src/kmod" MO="$mod" modules
# The header as user space gets it, and the harness where the programs expect it.
cp include/uapi/linux/relay.h "$out/include/linux/"
cp "$BUILD/src/tools/testing/selftests/"{kselftest.h,kselftest_harness.h} "$out/"
mkdir -p "$out/relay"
cp $src/*.[ch] "$out/relay/"
cp $src/*.py "$out/"
# (Another job may be about to run the program of that name: it finds a whole one.)
logged "selftest-$program-$bits" gcc -m"$bits" -static -O2 -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare \
	-D_GNU_SOURCE -I"$out/include" -o "$out/$program.new" "$out/relay/$program.c" "$out/relay/channel.c" -lpthread
mv "$out/$program.new" "$out/$program"
flock -u 9

run=qemu-run.sh
case $kernel in
um*)
	run=um-run.sh options+=(-k "$BUILD/$kernel/linux")
	[ "$program" != relay_drain ] || options+=(-p)		# it measures
	;;
*) options+=(-k "$BUILD/$kernel/arch/x86/boot/bzImage" -f "$out/$program:/bin/$program" -f "$mod/relay_selftest.ko:/relay_selftest.ko"
	-f "$mod/relay_initfail.ko:/relay_initfail.ko") ;;
esac
exec boot/$run "${options[@]}" -- boot/guest/selftest.sh "$mod" "$out" "$program" "$@"
