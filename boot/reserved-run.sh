#!/bin/bash
# reserved-run.sh SCENARIO DIR [KERNEL]: boot with relayres=, record under load, and let the
# machine die as SCENARIO of boot/guest/reserved.sh does; then the next kernel, or the crash
# kernel, checks the bank. Results are on stdout; DIR has the guest's files and console. In
# the scenarios kill*, QEMU is killed, and another one boots on the same memory, with the
# same kernel or the one in the scenario's name. KERNEL is x86_64 (default) or arm64, where
# memory begins at 1G. arm64 has kexec-file as its only scenario with kexec, and none with
# EFI or a disk.
. "$(dirname "$0")/lib.sh"
scenario=$1 kernel=${3:-x86_64}
mkdir -p "$2"
out=$(cd "$2" && pwd)
cd "$ROOT"
args=("build/$kernel" "$scenario" "${SEED:-1}")
files="boot/guest/tools.sh" options=()
image=$(image "$kernel")

# The witness has a page that the kernel leaves alone.
case $kernel in
arm64)
	need qemu-system-arm device-tree-compiler
	need_for_arm64
	export GUEST_ROOT
	GUEST_ROOT=$(boot/arm64-root.sh | tail -n 1)
	logged kexec-file clang-19 --target=aarch64-linux-gnu -fuse-ld=lld-19 -O2 -Wall -Wextra \
		-o "$out/.kexec" boot/kexec-file.c
	files+=" $out/.kexec:/sbin/kexec"
	for f in relayctl sample-check librelay.so.1; do
		files+=" build/relay-tools-arm64/$f:$ROOT/build/relay-tools/$f"
	done
	area=4M@0x50000000 static='mem=448M relayres=16M@0x5e000000' witness=
	# There is no memmap=: the device tree has the page.
	dtb=$out/.dtb node=/reserved-memory
	logged dumpdtb qemu-system-aarch64 -M "virt,dumpdtb=$dtb" -cpu cortex-a57 -smp 4,sockets=4 -m 512M
	fdtput -c "$dtb" $node $node/witness@58000000
	fdtput -t i "$dtb" $node '#address-cells' 2
	fdtput -t i "$dtb" $node '#size-cells' 2
	fdtput "$dtb" $node ranges
	fdtput -t x "$dtb" $node/witness@58000000 reg 0 58000000 0 20000
	options+=(-x "-dtb $dtb") ;;
*)
	need kexec-tools
	files+=" build/relay-tools/relayctl build/relay-tools/sample-check vmcore-dmesg kexec"
	# (The initrd is at the end of the 512 MiB.)
	area=4M@256M static='mem=448M relayres=16M@456M' witness='memmap=64K$0x8000000' ;;
esac

# What the kernel that the first one starts finds: the same, without its kernel.
printf '%s\n' boot/guest/reserved.sh "${args[@]}" >"$out/.second.args"
pwd >"$out/.second.dir"
# shellcheck disable=SC2086
boot/initramfs.sh "$out/.second" $files boot/guest/sample.sh boot/guest/reserved.sh \
	"build/$kernel/samples/relay/relay_sample.ko" "build/$kernel/samples/relay/relay-read" \
	"$out/.second.args:/etc/relay.args" "$out/.second.dir:/etc/relay.dir"

append="relayres=$area $witness"
case $scenario in
reset | panic | nmi | loop | damage | hibernate) options+=(-r) ;;
kdump) append+=' crashkernel=64M' ;;
kdump-large) options+=(-m 2304M) append="relayres=1G@512M crashkernel=160M $witness" ;;
efi)
	need ovmf
	options+=(-r -x "-bios /usr/share/ovmf/OVMF.fd") ;;
unit)
	options+=(-r)
	files+=" tools/relay/relayctl/relay-archive.service.in" ;;
static | hibernate-static) options+=(-r) append="$static $witness" ;;
policy)
	options+=(-r)
	mkdir -p "$out/.kmod"
	logged reserved-kmod kmake "$BUILD/$kernel" x86_64 M="$ROOT/tools/testing/selftests/relay/kmod" \
		MO="$out/.kmod" modules
	files+=" $out/.kmod/relay_oops.ko:/relay_oops.ko" ;;
esac
case $scenario in
hibernate*)
	truncate -s 512M "$out/.disk"
	append+=' resume=/dev/vda'
	options+=(-x "-drive file=$out/.disk,if=virtio,format=raw") ;;
esac
for f in $files "$out/.second:/boot/initramfs" "$image:/boot/bzImage"; do
	options+=(-f "$f")
done
# guest KERNEL [OPTION...]
guest() {
	boot/sample-run.sh "$1" -c 4 -s -o "$out" -a "$append" "${options[@]}" "${@:2}" \
		-- boot/guest/reserved.sh "${args[@]:1}"
}

rc=0
case $scenario in
kill*)
	# The memory is a file, on which the second kernel is booted.
	memory=$out/.memory
	rm -f "$memory"
	backend="-object memory-backend-file,id=memory,size=512M,mem-path=$memory,share=on -machine memory-backend=memory"
	guest "$kernel" -x "$backend -pidfile $out/.pid" 2>/dev/null | while read -r line; do
		[ "$line" != running ] || kill -KILL "$(cat "$out/.pid")"
	done || true
	case $scenario in
	kill-i386) boot/reserved-i386.sh "$out" "$backend" "$memory" || rc=$? ;;
	kill-*) guest "${scenario#kill-}" -x "$backend" || rc=$? ;;
	*) guest "$kernel" -x "$backend" || rc=$? ;;
	esac
	rm -f "$memory" ;;
*) guest "$kernel" || rc=$? ;;
esac
rm -rf "$out"/.second* "$out/.kmod" "$out/.pid" "$out/.disk" "$out/.dtb" "$out/.kexec"
[ $rc = 0 ] || echo "error: scenario $scenario: exit status $rc"
exit $rc
