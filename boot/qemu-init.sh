#!/bin/busybox sh
# The first program of a QEMU guest (see qemu-run.sh). The guest has four ports: the
# first serial one is the kernel's console; the other ones, or virtio consoles, are the
# script's stdout, its stderr, and an archive of $OUT with the script's exit status.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp TERM=dumb OUT=/tmp/out
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev 2>/dev/null
mount -t debugfs debug /sys/kernel/debug
[ ! -d /sys/kernel/relay ] || mount -t relayfs none /sys/kernel/relay
[ ! -d /sys/kernel/tracing ] || mount -t tracefs trace /sys/kernel/tracing
mkdir -p $OUT
port=ttyS first=1 mode="raw -echo 115200"
[ ! -e /dev/hvc2 ] || { port=hvc first=0 mode="raw -echo"; }
# (They stay open: with the last close a virtio console forgets its mode.)
exec 3<>/dev/$port$first 4<>/dev/$port$((first + 1)) 5<>/dev/$port$((first + 2))
# shellcheck disable=SC2086
stty $mode <&3 && stty $mode <&4 && stty $mode <&5
set --
while IFS= read -r arg; do set -- "$@" "$arg"; done </etc/relay.args
dir=$(cat /etc/relay.dir)
mkdir -p "$dir"; cd "$dir" || cd /
"$@" </dev/null >&3 2>&4 3>&- 4>&- 5>&-
echo $? >$OUT/.status
tar -C $OUT -c . >&5
# Closed, they are empty.
exec 3>&- 4>&- 5>&-
sync
# Where no firmware can switch off, a reboot ends QEMU as well.
if [ -d /sys/firmware/acpi ] || [ -d /sys/firmware/devicetree ]; then poweroff -f; fi
reboot -f
