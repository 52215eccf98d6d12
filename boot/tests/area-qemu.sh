#!/bin/bash
# job 130
# kernels: x86_64
# relayres=: what is no place for an area is refused with its reason, and the
# system boots; KASLR keeps off what is one.
. boot/area.sh

refused=0
while IFS='|' read -r param message; do
	refused=$((refused + 1))
	result "refused: $param" eval 'machine "bad$refused" 128M -a "$param" -- boot/guest/area.sh &&
		said " relayres: .*refused: $message" && ! said " : Relay"'
done <<END
nokaslr relayres=1M@16M|the kernel lies there
relayres=4M@24M|kernels are unpacked there
relayres=4M@124M|the initrd lies there
crashkernel=32M@64M relayres=4M@70M|crashkernel=0x2000000@0x4000000 wants that place
relayres=1M@0xfd000000|no memory is there
mem=96M relayres=16M@88M|only a part of it is memory
relayres=128K@64K|the firmware uses memory below
relayres=1M@100000001|size and address must be multiples of
relayres=32K@64M|too small
relayres=80M@40M|more than half of the memory
relayres=1T@64M|too large or too high
relayres=0xfffffffffffff000@64M|too large or too high
relayres=16M|write relayres=SIZE@ADDR
relayres=16M@|write relayres=SIZE@ADDR
relayres=1M@64M relayres=1M@66M|given more than once
relayres=4M@64M nobody.elfcorehdr=1|this is no crash kernel
relayres=nobody|there is no such region
relayres=a-name-that-is-too-long|no reserve_mem= region can have that name
reserve_mem=100000:4096:crumbs relayres=crumbs|size and address must be multiples of
END

area "16 << 20" "64 << 20"
result "SIZE@ADDR" eval 'machine good 128M -a relayres=16M@64M -- boot/guest/area.sh && kept'
# (Higher up the firmware works at every boot.)
area "16 << 20" "80 << 20"
result "static RAM that mem= hides" eval 'machine static 128M -a "mem=80M relayres=16M@80M" -- boot/guest/area.sh && kept'
area 0 0
result "a region of reserve_mem=" eval 'machine named 128M -a "reserve_mem=1M:4096:crumbs relayres=crumbs" -- boot/guest/area.sh &&
	said "^  .* : Relay" && said "relayres: crumbs may lie elsewhere at the next boot"'
result "and where it stays, no word of that" eval 'machine named-nokaslr 128M -a "nokaslr reserve_mem=1M:4096:crumbs relayres=crumbs" -- boot/guest/area.sh &&
	said "^  .* : Relay" && ! said "elsewhere"'
result "half of the memory, of which the firmware keeps some" eval 'machine half 2G -a "relayres=1G@512M" -- boot/guest/area.sh &&
	said " relayres: 0x40000000@0x20000000, System RAM"'

# Where KASLR likes to go: the kernel has 32 MiB below the area and 22 above.
area "56 << 20" "48 << 20"
kaslr() { machine "$1" 128M -a relayres=56M@48M -- boot/guest/area.sh; }
boots "${BOOTS:-20}" 3 "with KASLR" kaslr
rm -f "$dir/ram"
exit $bad
