#!/bin/bash
# reserved-run.sh SCENARIO DIR: boot with relayres=, record under load, die in the
# way that boot/guest/reserved.sh knows by that name, and have the next kernel, or
# the crash kernel, look at what is left. Results on stdout; DIR has what the guest
# leaves for the host, and its console. In the scenarios kill* QEMU is killed, and
# another one boots on the memory it had: the same kernel, or the one of that name.
. "$(dirname "$0")/lib.sh"
need kexec-tools
scenario=$1 out=$2
cd "$ROOT"
mkdir -p "$out"
args=(build/x86_64 "$scenario" "${SEED:-1}")
files="boot/guest/tools.sh build/relay-tools/relayctl build/relay-tools/sample-check vmcore-dmesg"

# What the kernel that the first one starts finds: the same, without its kernel.
printf '%s\n' boot/guest/reserved.sh "${args[@]}" >"$out/.second.args"
pwd >"$out/.second.dir"
# shellcheck disable=SC2086
boot/initramfs.sh "$out/.second" $files boot/guest/sample.sh boot/guest/reserved.sh \
	build/x86_64/samples/relay/relay_sample.ko build/x86_64/samples/relay/relay-read \
	"$out/.second.args:/etc/relay.args" "$out/.second.dir:/etc/relay.dir"

# (The page of the witness is kept out of the memory map.)
append='relayres=4M@256M memmap=64K$0x8000000' options=()
case $scenario in
reset | panic | nmi | loop | damage | hibernate) options=(-r) ;;
kdump) append+=' crashkernel=128M' ;;
efi)
	need ovmf
	options=(-r -x "-bios /usr/share/ovmf/OVMF.fd") ;;
static | hibernate-static) options=(-r) append='mem=448M relayres=16M@480M memmap=64K$0x8000000' ;;
esac
case $scenario in
hibernate*)
	truncate -s 512M "$out/.disk"
	append+=' resume=/dev/vda'
	options+=(-x "-drive file=$out/.disk,if=virtio,format=raw") ;;
esac
for f in $files kexec "$out/.second:/boot/initramfs" build/x86_64/arch/x86/boot/bzImage:/boot/bzImage; do
	options+=(-f "$f")
done
# guest KERNEL [OPTION...]
guest() {
	boot/sample-run.sh "$1" -c 4 -t 240 -s -o "$out" -a "$append" "${options[@]}" "${@:2}" \
		-- boot/guest/reserved.sh "${args[@]:1}"
}

rc=0
case $scenario in
kill*)
	# The memory is a file, on which the second kernel is booted.
	memory=$out/.memory
	rm -f "$memory"
	backend="-object memory-backend-file,id=memory,size=512M,mem-path=$memory,share=on -machine memory-backend=memory"
	guest x86_64 -x "$backend" 2>/dev/null | while read -r line; do
		[ "$line" != running ] || pkill -KILL -f "mem-path=$memory"
	done || true
	case $scenario in
	kill-i386) boot/reserved-i386.sh "$out" "$backend" || rc=$? ;;
	kill-*) guest "${scenario#kill-}" -x "$backend" || rc=$? ;;
	*) guest x86_64 -x "$backend" || rc=$? ;;
	esac
	rm -f "$memory" ;;
*) guest x86_64 || rc=$? ;;
esac
rm -f "$out"/.second* "$out/.disk"
[ $rc = 0 ] || echo "error: scenario $scenario: exit status $rc"
exit $rc
