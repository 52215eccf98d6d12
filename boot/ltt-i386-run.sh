#!/bin/bash
# ltt-i386-run.sh: a 32-bit kernel traces its boot into the reserved area, and panics because
# it has no root file system. It cannot run the host's programs, so the same kernel boots
# again on the same memory, and its init (init32.c) sends the bank to the host.
. "$(dirname "$0")/lib.sh"
need gcc-multilib qemu-system-x86 cpio babeltrace babeltrace2 python3-bt2
cd "$ROOT"
boot/kernel.sh i386-ltt
boot/tools.sh
out=$BUILD/ltt-i386
rm -rf "$out"
mkdir -p "$out"/root/{dev,proc,sys}
logged init32 gcc -m32 -static -O2 -Wall -Wextra -o "$out/root/init" boot/init32.c
(cd "$out/root" && find . | cpio -o -H newc --quiet -R 0:0) >"$out/initramfs"

# guest OPTION...: for its command line
guest() {
	timeout -s KILL 600 qemu-system-i386 -accel tcg -m 512 -display none -monitor none -nic none -no-reboot \
		-object "memory-backend-file,id=memory,size=512M,mem-path=$out/memory,share=on" \
		-machine memory-backend=memory -kernel "$BUILD/i386-ltt/arch/x86/boot/bzImage" -initrd "$out/initramfs" \
		-append "console=ttyS0 panic=-1 no_timer_check relayres=4M@256M $*" \
		-chardev file,id=console,path="$out/console" -serial chardev:console \
		-chardev file,id=stdout,path="$out/said" -serial chardev:stdout \
		-chardev file,id=bank,path="$out/bank" -serial chardev:bank </dev/null >"$out/qemu" 2>&1 || true
}
guest rdinit=/none 'trace_instance=boot^relay:size=32K:n=8:overwrite,sched:*,irq:*,initcall:*'
mv "$out/console" "$out/console.1"
guest
rm -rf "$out/memory" "$out/root" "$out/initramfs"
build/relay-tools/relayctl recover -o "$out/recovered" "$out/bank" || [ $? = 3 ]
CPUS=1 /usr/bin/python3 boot/ltt-run-check.py boot "$out"
