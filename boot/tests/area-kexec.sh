#!/bin/bash
# job 50
# kernels: x86_64
# kexec's two system calls keep off the boot-reserved area, wherever it lies; a
# crash kernel finds it.
. boot/area.sh

# What the second kernel runs.
echo boot/guest/area.sh >"$dir/args"
pwd >"$dir/dir"
boot/initramfs.sh "$dir/initramfs" boot/guest/area.sh:"$PWD/boot/guest/area.sh" \
	"$dir/args:/etc/relay.args" "$dir/dir:/etc/relay.dir"

# kexec NAME MEM PARAMETERS LOAD NEXT...
then_kexec() {
	machine "$1" "$2" -s -a "$3" -f kexec -f "$dir/initramfs:/boot/initramfs" \
		-f build/x86_64/arch/x86/boot/bzImage:/boot/bzImage -f boot/guest/area-kexec.sh \
		-- boot/guest/area-kexec.sh "${@:4}"
}
crashed() { said ' relayres: .*, of the crashed kernel'; }

# The last of the memory: 3 GiB lie below, 512 MiB above 4 GiB, and both QEMU's
# initrd and the firmware's tables below.
area "16 << 20" "(4 << 30) + (496 << 20)" "(3 << 30) + (496 << 20)"
top=relayres=16M@4592M
result "kexec_file_load, area at the top of memory" eval 'then_kexec file-top 3584M $top -s $top && kept'
result "kexec_load would go over it: refused, loaded elsewhere" eval 'then_kexec load-top 3584M $top refused $top && kept'
area "16 << 20" "64 << 20"
result "a crash kernel finds it by the note" eval 'then_kexec crash 512M "crashkernel=64M relayres=16M@64M" crash-s nr_cpus=1 &&
	kept && crashed'
# (The first kernel knows of no area there: it must not be in that place by chance.)
result "and on its command line, where there is no note" eval 'then_kexec crash-param 512M "nokaslr crashkernel=64M" crash-c nr_cpus=1 relayres=16M@64M &&
	kept && crashed'
result "it does not believe in its own memory" eval 'then_kexec crash-own 512M "nokaslr crashkernel=64M@128M" crash-c nr_cpus=1 relayres=16M@140M &&
	said "refused: the crash kernel.s own memory is there"'
area "16 << 20" "464 << 20"
result "static RAM outside of the old kernel's memory" eval 'then_kexec crash-static 512M \
	"crashkernel=64M mem=448M relayres=16M@464M" crash-s nr_cpus=1 && kept && crashed'
area 0 0
result "a region of reserve_mem=" eval 'then_kexec crash-named 512M \
	"crashkernel=64M reserve_mem=1M:4096:crumbs relayres=crumbs" crash-c nr_cpus=1 relayres=crumbs && crashed &&
	[ "$(sed -n "s/.* \(relayres: [^,]*\),.*/\1/p" "$dir/crash-named.out")" = \
	  "$(sed -n "s/.* \(relayres: [^,]*\),.*System RAM\r*$/\1/p" "$dir/crash-named/console" | head -n 1)" ]'
rm -f "$dir/ram"
exit $bad
