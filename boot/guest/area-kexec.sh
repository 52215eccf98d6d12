#!/bin/sh
# area-kexec.sh LOAD NEXT...: runs in a guest. Loads the kernel in /boot as the next
# one, and starts it. LOAD is -s or -c (the system calls); crash-s or crash-c; or
# refused: -c must fail to load it over the area, and must succeed below 2 GiB.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
how=$1; shift
load() {
	kexec "$@" /boot/bzImage --initrd=/boot/initramfs \
		--append="console=ttyS0 panic=-1 kunit.autorun=0 tsc=reliable no_timer_check loglevel=7 $next"
}
next="$*"
case $how in
refused)
	load -c -l && { echo "loaded over the area"; exit 1; }
	dmesg | grep -a 'lies in the area of relayres=' || exit 1
	load -c -l --mem-max=0x80000000 || exit 1 ;;
crash-*) load -"${how#crash-}" -p || exit 1 ;;
*) load "$how" -l || exit 1 ;;
esac
case $how in
crash-*) echo c >/proc/sysrq-trigger ;;
*) kexec -e ;;
esac
