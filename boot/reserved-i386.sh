#!/bin/bash
# reserved-i386.sh DIR "QEMU ARGUMENTS": boot the i386 kernel on the memory that
# another guest has left (see reserved-run.sh), and hold what it finds against the
# witness. No program of the host runs there: boot/init32.c does it.
. "$(dirname "$0")/lib.sh"
need gcc-multilib qemu-system-x86 cpio
out=$1 root=$1/.root32
cd "$ROOT"
rm -rf "$root"
mkdir -p "$root"/{dev,proc,sys}
logged init32 gcc -m32 -static -O2 -Wall -Wextra -o "$root/init" boot/init32.c
logged sample-check32 gcc -m32 -static -O2 -Wall -D_GNU_SOURCE -Iinclude -Itools/relay/librelay -Isamples/relay \
	-o "$root/sample-check" tools/relay/examples/sample-check.c tools/relay/librelay/*.c
(cd "$root" && find . | cpio -o -H newc --quiet -R 0:0) >"$out/.initramfs32"
# shellcheck disable=SC2086
timeout -s KILL 900 qemu-system-i386 -accel tcg -m 512 -display none -monitor none -nic none -no-reboot $2 \
	-kernel "$BUILD/i386/arch/x86/boot/bzImage" -initrd "$out/.initramfs32" \
	-append 'console=ttyS0 panic=-1 no_timer_check relayres=4M@256M memmap=64K$0x8000000' \
	-chardev file,id=console,path="$out/console" -serial chardev:console \
	-chardev file,id=stdout,path="$out/said" -serial chardev:stdout </dev/null >"$out/.qemu" 2>&1 || true
rm -rf "$root" "$out/.initramfs32"
awk '
	{ sub(/\r$/, "") }
	/^== / { file = $2; locked += file ~ /lockdown$/; next }
	{ print "# " $0 }
	file ~ /crash$/ && $1 == "machine:" { machine = $2 }
	file ~ /stats$/ && $1 ~ /^[0-9]/ { overwritten[$1] = $3 }
	locked && $0 == file ": Operation not permitted" { refused++ }
	file ~ /cpu[0-9]+$/ && !locked {
		cpu = file; sub(/.*cpu/, "", cpu)
		if ($1 == "cpu" && $2 == cpu) { n++; unknown = $10 + overwritten[cpu] - $4 - $6; bad += !$10 || unknown < 0 || unknown > $8 }
		if (/ torn /) bad += $NF != 0
	}
	END {
		ok = n == 4 && !bad && machine == "x86_64"
		print (ok ? "ok" : "not ok") " 1 - i386: everything that x86_64 committed is back, or was overwritten"
		print (refused == 3 ? "ok" : "not ok") " 2 - i386: locked down, nobody opens a CPU'\''s file, that of all, the owner'\''s words"
		exit !ok || refused != 3
	}' "$out/said" || { tail -n 20 "$out/console" >&2; exit 1; }
