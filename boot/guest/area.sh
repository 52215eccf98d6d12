#!/bin/sh
# Runs in a guest: print the kernel's messages about the boot-reserved area.
dmesg | grep -a ' relayres: '
cat /proc/iomem
