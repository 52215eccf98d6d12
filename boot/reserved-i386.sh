#!/bin/bash
# reserved-i386.sh DIR "QEMU ARGUMENTS" MEMORY: boot the i386 kernel on the memory of
# another guest that has ended (see reserved-run.sh), and compare the bank with the
# witness. The kernel cannot run the host's programs, so boot/init32.c sends the bank.
. "$(dirname "$0")/lib.sh"
need gcc-multilib qemu-system-x86 cpio
out=$1 memory=$3 root=$1/.root32
cd "$ROOT"
rm -rf "$root"
mkdir -p "$root"/{dev,proc,sys}
logged init32 gcc -m32 -static -O2 -Wall -Wextra -o "$root/init" boot/init32.c
(cd "$root" && find . | cpio -o -H newc --quiet -R 0:0) >"$out/.initramfs32"
# shellcheck disable=SC2086
timeout -s KILL 900 qemu-system-i386 -accel tcg -m 512 -display none -monitor none -nic none -no-reboot $2 \
	-kernel "$BUILD/i386/arch/x86/boot/bzImage" -initrd "$out/.initramfs32" \
	-append 'console=ttyS0 panic=-1 no_timer_check relayres=4M@256M memmap=64K$0x8000000' \
	-chardev file,id=console,path="$out/console" -serial chardev:console \
	-chardev file,id=stdout,path="$out/said" -serial chardev:stdout \
	-chardev file,id=bank,path="$out/bank" -serial chardev:bank </dev/null >"$out/.qemu" 2>&1 || true
rm -rf "$root" "$out/.initramfs32"

# What it took for memory of its own was not the witness's.
dd if="$memory" of="$out/witness" bs=4096 skip=32768 count=1 status=none
recovered() {
	[ "$(stat -c %s "$out/bank")" = 2097152 ] && tr -d '\r' <"$out/said" | grep '^bank=0 state=ended .* machine="x86_64"' &&
		boot/recover-bank.sh "$out/bank" "$out/witness" "$out" &&
		python3 boot/instants.py "$out/json" "$out/cpus"
}
bad=0
# result NAME COMMAND...
result() {
	if "${@:2}" >"$out/verdict" 2>&1; then echo "ok $1"; else echo "not ok $1"; bad=1; fi
	sed 's/^/# /' "$out/verdict"
}
result "1 - i386: everything that x86_64 committed is back, or was overwritten" recovered
result "2 - i386: locked down, root opens no bank" \
	[ "$(grep -c ': Operation not permitted' "$out/said")" = 2 ]
rm -f "$out/bank" "$out/witness"
[ $bad = 0 ] || tail -n 20 "$out/console" >&2
exit $bad
