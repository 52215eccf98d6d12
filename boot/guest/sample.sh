# shellcheck shell=sh
# Functions for scripts in a guest that load and run the relay sample.
# BUILD is the folder of the kernel build, relative to the repository.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
command -v insmod >/dev/null || insmod() { busybox insmod "$@"; }
command -v rmmod >/dev/null || rmmod() { busybox rmmod "$@"; }
sample=/sys/kernel/debug/relay-sample
read_sample() { "$BUILD/samples/relay/relay-read" "$@"; }

# load PARAMETER=VALUE...
load() {
	crc=$BUILD/lib/crc/crc32.ko
	[ ! -f "$crc" ] || grep -q ' crc32_be\b' /proc/kallsyms || insmod "$crc" || exit 1
	insmod "$BUILD/samples/relay/relay_sample.ko" "$@" || exit 1
}

n=0
# result NAME COMMAND...: its output as comment, "ok" if it succeeds.
result() {
	name=$1; shift
	n=$((n + 1))
	if "$@" >/tmp/result 2>&1; then ok=ok; else ok='not ok'; fi
	awk '{ print "# " $0 }' /tmp/result
	echo "$ok $n - $name"
}
