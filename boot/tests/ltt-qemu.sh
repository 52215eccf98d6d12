#!/bin/bash
# job 90
# kernels: x86_64
# Traces on a machine with a time stamp counter and probes: live; and from the reserved
# area, after the machine has died in some ways, the last of them before there is user space.
. boot/lib.sh
need_to_compile
need babeltrace babeltrace2 python3-bt2 kexec-tools
kernel_env
out=$BUILD/ltt-qemu kmod=build/x86_64-ltt rc=0
rm -rf "$out"
logged ltt-kmod kmake "$BUILD/x86_64" x86_64 M="$ROOT/tools/testing/ltt" MO="$ROOT/$kmod" modules
boot/tools.sh
files=(boot/guest/tools.sh build/relay-tools/relayctl "$kmod/relay_ltt.ko")

# guest SCENARIO SCRIPT [OPTION...]
guest() {
	boot/sample-run.sh x86_64 -c 4 -s -o "$out/$1" -a 'relayres=4M@256M memmap=64K$0x8000000' "${@:3}" \
		"${files[@]/#/-f}" -- "$2" "$kmod" "$1"
}

# crash SCENARIO [OPTION...]
crash() { guest "$1" boot/guest/ltt-crash.sh "${@:2}"; }

for scenario in ${SCENARIOS:-live panic reset kexec boot}; do
	mkdir -p "$out/$scenario"
	case $scenario in
	live) guest live boot/guest/ltt-probes.sh || rc=1 ;;
	panic | reset) crash "$scenario" -r || rc=1 ;;
	kexec)
		printf '%s\n' boot/guest/ltt-crash.sh build/x86_64 "$kmod" kexec >"$out/args"
		pwd >"$out/dir"
		boot/initramfs.sh "$out/second" "${files[@]}" boot/guest/sample.sh boot/guest/ltt-crash.sh \
			"$out/args:/etc/relay.args" "$out/dir:/etc/relay.dir"
		crash kexec -f kexec -f "$out/second:/boot/initramfs" -f "$(image x86_64):/boot/bzImage" || rc=1 ;;
	boot)
		# A file is the memory of both: the kernel that dies, and the one that looks.
		memory="-object memory-backend-file,id=memory,size=512M,mem-path=$out/memory,share=on -machine memory-backend=memory"
		crash boot -x "$memory" -a 'rdinit=/none trace_instance=boot^relay:size=32K:n=4:overwrite,sched:*,irq:*,initcall:*' 2>/dev/null || true
		crash boot -x "$memory" || rc=1
		rm -f "$out/memory" ;;
	esac
	/usr/bin/python3 boot/ltt-crash-check.py "$scenario" "$out/$scenario" || rc=1
done
exit $rc
