#!/bin/bash
# ltt-run.sh SCENARIO DIR [KERNEL]: trace on x86_64, or on the kernel of that name. "all": every
# event; "live": probes, synthetic events, triggers; "line": probes by relayctl trace record;
# "hard": events from all contexts at once, and strings that change. In the other scenarios the
# kernel dies under load ("boot": before user space runs), and the trace is recovered from the
# reserved area into DIR/recovered and compared with the witness. DIR has the guest's files.
. "$(dirname "$0")/lib.sh"
scenario=$1 kernel=${3:-x86_64} rc=0
kmod=build/$kernel-ltt
need_to_compile
need babeltrace babeltrace2 python3-bt2 kexec-tools
kernel_env
cd "$ROOT"
rm -rf "$2"
mkdir -p "$2"
out=$(cd "$2" && pwd)
boot/ltt-kmod.sh "$kernel"
files=(boot/guest/tools.sh build/relay-tools/relayctl "$kmod/relay_ltt.ko")

# guest SCRIPT [OPTION...]
guest() {
	boot/sample-run.sh "$kernel" -c 4 -o "$out" -a 'relayres=4M@256M memmap=64K$0x8000000' "${@:2}" \
		"${files[@]/#/-f}" -- "$1" "$kmod" "$scenario"
}
# (The kernel complains when it dies.)
crash() { guest boot/guest/ltt-crash.sh -s "$@"; }

case $scenario in
all) guest boot/guest/ltt-all.sh -m 1G || rc=1 ;;
live) guest boot/guest/ltt-probes.sh || rc=1 ;;
line) guest boot/guest/ltt-line.sh || rc=1 ;;
hard)
	gcc -O2 -Wall -pthread -o "$out/ltt-change" boot/guest/ltt-change.c
	nm "$out/ltt-change" | sed -n 's/ T ltt_change$//p' >"$out/offset"
	files+=("$kmod/ltt_hard.ko" "$out/ltt-change:/bin/ltt-change" "$out/offset:/etc/relay.offset")
	guest boot/guest/ltt-hard.sh || rc=1
	/usr/bin/python3 boot/ltt-hard-check.py "$out" || rc=1
	exit $rc ;;
panic | inside | reset) crash -r || rc=1 ;;
kexec | kdump)
	printf '%s\n' boot/guest/ltt-crash.sh "build/$kernel" "$kmod" "$scenario" >"$out/second.args"
	pwd >"$out/second.dir"
	boot/initramfs.sh "$out/second" "${files[@]}" boot/guest/sample.sh boot/guest/ltt-crash.sh \
		"$out/second.args:/etc/relay.args" "$out/second.dir:/etc/relay.dir"
	crash -a crashkernel=64M -f kexec -f "$out/second:/boot/initramfs" -f "$(image "$kernel"):/boot/bzImage" || rc=1
	rm -f "$out"/second* ;;
boot)
	# A file is the memory of both: of the kernel that dies, and of the one that looks.
	memory="-object memory-backend-file,id=memory,size=512M,mem-path=$out/memory,share=on -machine memory-backend=memory"
	crash -x "$memory" -a 'rdinit=/none trace_instance=boot^relay:size=32K:n=4:overwrite,sched:*,irq:*,initcall:*' 2>/dev/null || true
	crash -x "$memory" || rc=1
	rm -f "$out/memory" ;;
*) die "no such scenario: $scenario" ;;
esac
/usr/bin/python3 boot/ltt-run-check.py "$scenario" "$out" || rc=1
exit $rc
