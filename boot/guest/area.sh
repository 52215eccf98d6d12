#!/bin/sh
# Runs in a guest: what the kernel says of the boot-reserved area.
dmesg | grep -a ' relayres: '
cat /proc/iomem
