#!/bin/bash
# qemu-run.sh [-k bzImage] [-c cpus] [-m mem] [-t seconds] [-a cmdline] [-s] [-i regex]
#	[-o dir] [-f file[:path]]... [-x "qemu arguments"] [-r] -- command args...
# Boot an x86_64 or arm64 kernel under QEMU's software emulation from an initramfs with
# busybox, the files named by -f (programs with their libraries) and, if it is a
# file, the command. Run the command, pass its output through (stderr at the end),
# and return its status. Afterwards dir has the files that the command left in $OUT,
# and dir/console the kernel's messages. See guest.sh for the options.
. "$(dirname "$0")/guest.sh"
parse_options "$@"; shift $((OPTIND - 1))
[ $# -gt 0 ] || die "no command"
need busybox-static cpio
kernel=${kernel:-$BUILD/x86_64/arch/x86/boot/bzImage}
[ -f "$kernel" ] || die "no kernel $kernel (make x86_64)"
prepare_out qemu

# A machine, and how it has three ports besides the console.
case $kernel in
*/arm64/*)
	need qemu-system-arm
	export GUEST_ROOT
	GUEST_ROOT=$("$ROOT/boot/arm64-root.sh" | tail -n 1)
	machine="qemu-system-aarch64 -M virt -cpu cortex-a57" args=console=ttyAMA0
	ports="-device virtio-serial-device"
	for port in stdout stderr out; do ports+=" -device virtconsole,chardev=$port"; done ;;
*)
	need qemu-system-x86
	# A host that is busy may not emulate a tick in time for the check, which panics, and
	# has the clock calibrated too fast, so that 21 seconds without a turn pass soon.
	machine=qemu-system-x86_64
	args="console=ttyS0 tsc=reliable no_timer_check rcupdate.rcu_cpu_stall_timeout=120"
	ports="-serial chardev:stdout -serial chardev:stderr -serial chardev:out" ;;
esac

printf '%s\n' "$@" >"$out/.args"
printf '%s\n' "$PWD" >"$out/.dir"
case $1 in */*) [ ! -f "$1" ] || files+=" $1" ;; esac
# shellcheck disable=SC2086
"$ROOT/boot/initramfs.sh" "$out/.cpio" $files "$out/.args:/etc/relay.args" "$out/.dir:/etc/relay.dir"
[ $reboot = 1 ] || extra+=" -no-reboot"

rc=0
# shellcheck disable=SC2086
timeout -s KILL "$limit" $machine -accel tcg,thread=single -smp "$cpus,sockets=$cpus" -m "$mem" \
	-display none -monitor none -nic none -kernel "$kernel" -initrd "$out/.cpio" \
	-append "$args panic=-1 kunit.autorun=0 loglevel=7$append" \
	-chardev file,id=console,path="$out/console" -serial chardev:console \
	-chardev stdio,id=stdout,signal=off -chardev file,id=stderr,path="$out/.stderr" \
	-chardev file,id=out,path="$out/.tar" $ports \
	$extra </dev/null 2>"$out/.qemu" | cat || rc=$?
# (Through cat: QEMU makes its stdout non-blocking, which may be everybody's.)
cat "$out/.stderr" "$out/.qemu" >&2
tar -C "$out" -xf "$out/.tar" 2>/dev/null || rm -f "$out/.status"
rm -f "$out"/.tar "$out"/.cpio.gz "$out"/.qemu "$out"/.stderr "$out"/.dir
verdict $rc
