#!/bin/bash
# job 40
# kernels: x86_64
# Booted by EFI firmware, nobody places anything over the boot-reserved area.
. boot/area.sh
efi() { machine "$1" 256M -x "-bios /usr/share/ovmf/OVMF.fd" -a relayres=96M@48M -- boot/guest/area.sh; }

# The firmware lives at both ends of memory; most of what is free is the area.
area "96 << 20" "48 << 20"
boots "${BOOTS:-5}" 2 "by EFI" efi
rm -f "$dir/ram"
exit $bad
