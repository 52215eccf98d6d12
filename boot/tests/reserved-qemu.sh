#!/bin/bash
# job 90
# kernels: x86_64
# The machine dies under load, in every way, and what was recorded is recovered.
. boot/lib.sh
need kexec-tools
boot/tools.sh
out=$BUILD/reserved
mkdir -p "$out"
files="boot/guest/tools.sh boot/guest/sample.sh boot/guest/reserved.sh build/relay-tools/relayctl build/relay-tools/sample-check
	build/x86_64/samples/relay/relay_sample.ko build/x86_64/samples/relay/relay-read"
rc=0
for scenario in ${SCENARIOS:-same reset panic nmi kexec-file kexec-load kdump}; do
	args=(build/x86_64 "$scenario" "${SEED:-1}")
	printf '%s\n' boot/guest/reserved.sh "${args[@]}" >"$out/args"
	pwd >"$out/dir"
	# For the kernel that is started by the first one.
	# shellcheck disable=SC2086
	boot/initramfs.sh "$out/initramfs" $files "$out/args:/etc/relay.args" "$out/dir:/etc/relay.dir"
	options=(-c 4 -t 100 -s -o "$out/$scenario" -f kexec -f "$out/initramfs:/boot/initramfs"
		-f build/x86_64/arch/x86/boot/bzImage:/boot/bzImage)
	# shellcheck disable=SC2016
	append='relayres=4M@256M memmap=64K$0x8000000'
	case $scenario in
	reset | panic | nmi) options+=(-r) ;;
	kdump) append+=' crashkernel=128M' ;;
	esac
	boot/sample-run.sh x86_64 "${options[@]}" -a "$append" -f boot/guest/tools.sh \
		-f build/relay-tools/relayctl -f build/relay-tools/sample-check -- boot/guest/reserved.sh "${args[@]:1}" || rc=1
done
exit $rc
