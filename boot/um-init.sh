#!/bin/sh
# The first program of a User-mode Linux guest (see um-run.sh), run by the
# host's own shell: the guest's root is the host's /, read-only. Mounts the file
# systems that scripts need, runs the script, writes its exit status to $OUT.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp TERM=dumb
bb() { /bin/busybox "$@"; }
bb mount -t proc proc /proc
bb mount -t sysfs sys /sys
bb mount -t devtmpfs dev /dev
bb mount -t debugfs debug /sys/kernel/debug
[ ! -d /sys/kernel/relay ] || bb mount -t relayfs none /sys/kernel/relay
[ ! -d /sys/kernel/tracing ] || bb mount -t tracefs trace /sys/kernel/tracing
bb mount -t tmpfs tmp /tmp
# What of the host was under /tmp and is needed stays visible.
for d in "$RELAY_ROOT" "$RELAY_DIR" "$RELAY_CMD" "$RELAY_OUT"; do
	case $d in
	"$RELAY_OUT") opt=rw ;;
	/tmp/*) opt=ro ;;
	*) continue ;;
	esac
	bb mkdir -p "$d" 2>/dev/null
	bb mount -t hostfs -o "$opt,$d" none "$d"
done
export OUT="$RELAY_OUT"
for i in 1 2; do bb stty raw -echo -F /dev/tty$i; done

# One argument a line, so that any argument survives the way here.
set --
while IFS= read -r arg; do set -- "$@" "$arg"; done <"$OUT/.args"
cd "$RELAY_DIR" || exit
"$@" </dev/null >/dev/tty1 2>/dev/tty2
status=$?
if [ -w /sys/kernel/debug/kmemleak ] && [ "$LEAKS" = 1 ]; then
	# kmemleak reports what is older than five seconds, and has not changed since
	# the scan before.
	echo scan >/sys/kernel/debug/kmemleak
	bb sleep 6
	echo scan >/sys/kernel/debug/kmemleak
	# A line at a time: the log takes no more.
	bb head -n 100 /sys/kernel/debug/kmemleak |
		while IFS= read -r line; do echo "$line" >/dev/kmsg; done
fi
echo $status >"$OUT/.status"
bb poweroff -f
