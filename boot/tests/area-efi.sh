#!/bin/bash
# job 40
# kernels: x86_64
# Booted by EFI firmware, nobody places anything over the boot-reserved area.
. boot/area.sh
efi() { machine "$1" 256M -x "-bios /usr/share/ovmf/OVMF.fd" -a "$2" -- boot/guest/area.sh; }

# The firmware lives at both ends of memory; most of what is free is the area.
area "96 << 20" "48 << 20"
boots=${BOOTS:-5} wrong=0 places=
for ((i = 0; i < boots; i++)); do
	efi "efi$i" relayres=96M@48M && kept || { wrong=$((wrong + 1)); break; }
	places+=$(sed -n 's/ : Kernel code//p' "$dir/$name.out")$'\n'
done
places=$(printf %s "$places" | sort -u | wc -l)
echo "# the kernel was in $places places"
result "$boots boots by EFI: nothing in the area" [ $wrong = 0 ]
result "and the kernel moved" [ "$places" -ge 2 ]
rm -f "$dir/ram"
exit $bad
