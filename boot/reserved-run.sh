#!/bin/bash
# reserved-run.sh SCENARIO DIR: boot with relayres=, record under load, die in the
# way that boot/guest/reserved.sh knows by that name, and have the next kernel, or
# the crash kernel, look at what is left. Results on stdout; DIR has what the guest
# leaves for the host, and its console.
. "$(dirname "$0")/lib.sh"
need kexec-tools
scenario=$1 out=$2
cd "$ROOT"
mkdir -p "$out"
args=(build/x86_64 "$scenario" "${SEED:-1}")
files="boot/guest/tools.sh build/relay-tools/relayctl build/relay-tools/sample-check"

# What the kernel that the first one starts finds: the same, without its kernel.
printf '%s\n' boot/guest/reserved.sh "${args[@]}" >"$out/.second.args"
pwd >"$out/.second.dir"
# shellcheck disable=SC2086
boot/initramfs.sh "$out/.second" $files boot/guest/sample.sh boot/guest/reserved.sh \
	build/x86_64/samples/relay/relay_sample.ko build/x86_64/samples/relay/relay-read \
	"$out/.second.args:/etc/relay.args" "$out/.second.dir:/etc/relay.dir"

# (The page of the witness is kept out of the memory map.)
append='relayres=4M@256M memmap=64K$0x8000000' reboot=()
case $scenario in
reset | panic | nmi) reboot=(-r) ;;
kdump) append+=' crashkernel=128M' ;;
esac
options=()
for f in $files kexec "$out/.second:/boot/initramfs" build/x86_64/arch/x86/boot/bzImage:/boot/bzImage; do
	options+=(-f "$f")
done
rc=0
boot/sample-run.sh x86_64 -c 4 -t 120 -s -o "$out" -a "$append" "${reboot[@]}" "${options[@]}" \
	-- boot/guest/reserved.sh "${args[@]:1}" || rc=$?
rm -f "$out"/.second*
exit $rc
