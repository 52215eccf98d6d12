# shellcheck shell=bash
# Shared by um-run.sh and qemu-run.sh: options, and the verdict after a guest has ended.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# What the kernel prints when something is wrong.
SPLAT='BUG:|WARNING:|Oops|KASAN:|KCSAN:|UBSAN:|possible .*(deadlock|lock|recursi)|INFO: |suspicious RCU|Kernel panic|kmemleak: [0-9]+ new|unreferenced object|general protection|segfault'

# What hangs is noticed whenever the limit is; what is only slow, on a busy machine, must
# not reach it.
kernel='' cpus=2 mem=512M limit=2400 append='' splat_ok=0 ignore='^$' out='' leaks=0 files='' extra='' reboot=0 pinned=0
parse_options() {
	while getopts k:c:m:t:a:so:i:lf:x:rp opt; do
		case $opt in
		k) kernel=$OPTARG ;;		# the kernel image
		c) cpus=$OPTARG ;;
		m) mem=$OPTARG ;;
		t) limit=$OPTARG ;;		# seconds
		a) append+=" $OPTARG" ;;	# kernel command line
		s) splat_ok=1 ;;		# a splat is no failure
		i) ignore=$OPTARG ;;		# nor is one that matches this
		o) out=$OPTARG ;;		# folder for the guest's files ($OUT there) and console
		l) leaks=1 ;;			# look for leaks at the end (debug kernels)
		f) files+=" $OPTARG" ;;		# QEMU: FILE[:PATH] to put into the initramfs
		x) extra+=" $OPTARG" ;;		# QEMU: arguments for it
		p) pinned=1 ;;			# UML: on one CPU of the host
		r) reboot=1 ;;			# QEMU: a reboot is not the end
		*) exit 2 ;;
		esac
	done
}

prepare_out() {
	if [ -z "$out" ]; then
		mkdir -p "$BUILD/$1-out"
		out=$(mktemp -d "$BUILD/$1-out/XXXXXX")
		trap 'rm -rf "$out"' EXIT
	fi
	mkdir -p "$out"
	out=$(cd "$out" && pwd -P)
	rm -f "$out/.status" "$out/console"
}

# verdict RC: RC is what timeout gave. Exits with the script's status.
verdict() {
	local status found
	status=$(cat "$out/.status" 2>/dev/null || true)
	# What the kernel says before its CPUs are up is no fault of ours (UML under
	# kmemleak has one such) - unless it never got any further.
	found=$({ [ -z "$status" ] && cat "$out/console" || sed '1,/smp: Brought up/d' "$out/console"; } |
		awk -f "$ROOT/boot/races.awk" | grep -aE "$SPLAT" | grep -avE -- "$ignore" | head -1 || true)
	if [ "$1" = 124 ] || [ "$1" = 137 ]; then
		echo "guest: no end within $limit s" >&2; status=124
	elif [ -z "$status" ]; then
		echo "guest: stopped before its script ended (exit code $1)" >&2; status=125
	elif [ "$status" = 0 ] && [ -n "$found" ] && [ $splat_ok = 0 ]; then
		status=126
	fi
	if [ "$status" != 0 ]; then
		echo "guest: status $status; its last console lines:" >&2
		tail -n 40 "$out/console" | tr -d '\r' >&2
		[ -z "$found" ] || echo "guest: the kernel complained: $found" >&2
	fi
	exit "$status"
}
