#!/bin/busybox sh
# The first program of a QEMU guest (see qemu-run.sh). Four serial ports: ttyS0
# the kernel's console, ttyS1 and ttyS2 the script's stdout and stderr, ttyS3
# an archive of what it left in $OUT, with its exit status.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp TERM=dumb OUT=/tmp/out
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev 2>/dev/null
mount -t debugfs debug /sys/kernel/debug
[ ! -d /sys/kernel/relay ] || mount -t relayfs none /sys/kernel/relay
[ ! -d /sys/kernel/tracing ] || mount -t tracefs trace /sys/kernel/tracing
mkdir -p $OUT
for i in 1 2 3; do stty raw -echo 115200 -F /dev/ttyS$i; done
set --
while IFS= read -r arg; do set -- "$@" "$arg"; done </etc/relay.args
dir=$(cat /etc/relay.dir)
mkdir -p "$dir"; cd "$dir" || cd /
"$@" </dev/null >/dev/ttyS1 2>/dev/ttyS2
echo $? >$OUT/.status
tar -C $OUT -cf /dev/ttyS3 .
sync
# Without ACPI nothing can switch off, but a reboot ends QEMU as well.
[ ! -d /sys/firmware/acpi ] || poweroff -f
reboot -f
