#!/bin/bash
# um-run.sh [-k linux] [-c cpus] [-m mem] [-t seconds] [-a cmdline] [-s] [-i regex]
#	[-o dir] [-l] [-p] -- command args...
# Boot User-mode Linux, run the command in it as the main program, pass its
# output through (stderr at the end), return its status. The guest's / is the
# host's, read-only; /tmp is empty. Afterwards dir has the files that the command
# left in $OUT, and dir/console the kernel's messages. See guest.sh for the options.
. "$(dirname "$0")/guest.sh"
parse_options "$@"; shift $((OPTIND - 1))
[ $# -gt 0 ] || die "no command"
need busybox-static
kernel=${kernel:-$BUILD/um/linux}
[ -x "$kernel" ] || die "no kernel $kernel (make um)"
prepare_out um
cmd_dir=$(cd "$(dirname "$1")" && pwd -P)
printf '%s\n' "$@" >"$out/.args"

# On one CPU a system call is a switch between two processes of the host; on two
# it may wait for the other CPU to wake up, which takes ten times as long.
pin=''
[ $pinned = 0 ] || pin="taskset -c $(taskset -cp $$ | sed 's/.*[ ,-]//')"

# UML keeps its pid file and sockets under HOME: give it one that goes away.
rc=0
# fd 3 is the command's stdout (tty1), fd 4 its stderr (tty2), fd 1 the console.
# Through cat: UML makes them non-blocking, which would be everybody's stdout.
TMPDIR=${TMPDIR:-/tmp} HOME=$out timeout -s KILL "$limit" $pin "$kernel" mem="$mem" ncpus="$cpus" seccomp=on \
	rootfstype=hostfs rootflags=/ ro init="$ROOT/boot/um-init.sh" \
	con=null con0=null,fd:1 con1=null,fd:3 con2=null,fd:4 console=tty0 \
	kunit.autorun=0 panic=-1 loglevel=7 rcupdate.rcu_cpu_stall_timeout=120 $append \
	RELAY_ROOT="$ROOT" RELAY_OUT="$out" RELAY_DIR="$PWD" RELAY_CMD="$cmd_dir" LEAKS=$leaks \
	3>&1 4>"$out/.stderr" >"$out/console" 2>&1 </dev/null | cat || rc=$?
cat "$out/.stderr" >&2
rm -f "$out/.stderr"
rm -rf "$out/.uml"
verdict $rc
