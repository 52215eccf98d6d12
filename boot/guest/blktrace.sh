#!/bin/sh
# Runs in a guest: blktrace records 4000 direct writes and 4000 direct reads of
# 4 KiB; blkparse must find each of them queued, got, issued and completed, once.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
for applet in losetup sleep; do
	command -v $applet >/dev/null || eval "$applet() { busybox $applet \"\$@\"; }"
done
dev=/dev/loop0 dbg=/sys/kernel/debug/block/loop0
truncate -s 32M /tmp/disk && losetup $dev /tmp/disk || exit 1
cd /tmp || exit 1

# record SECONDS: that it may take to start
record() {
	blktrace -d $dev -o trace >blktrace.out 2>&1 &
	pid=$!
	# It is about to start when each CPU's file is open ...
	cpus=$(grep -c ^processor /proc/cpuinfo)
	until [ "$(ls -l /proc/$pid/fd 2>/dev/null | grep -c "$dbg/trace")" -ge "$cpus" ]; do
		kill -0 $pid 2>/dev/null || { cat blktrace.out; exit 1; }
		sleep 0.05
	done
	sleep "$1"
	# ... and it has started if this message is found in the trace.
	echo "relay test begins" >$dbg/msg
	dd if=/dev/zero of=$dev bs=4k count=4000 oflag=direct 2>dd.out || cat dd.out
	dd if=$dev of=/dev/null bs=4k count=4000 iflag=direct 2>dd.out || cat dd.out
	cat $dbg/dropped >dropped
	kill -INT $pid
	wait $pid
	blkparse -i trace -q -f '%a %d\n' -o events >summary 2>&1
	blkparse -i trace >all 2>&1
}

for pause in 0.2 1 2 4 8 16; do
	record $pause
	grep -q "relay test begins" all && break
	echo "# blktrace was not ready, once more"
done

n=0
result() { n=$((n + 1)); if [ "$2" = "$3" ]; then echo "ok $n - $1: $2"; else echo "not ok $n - $1: $2, not $3"; fi; }
for action in Q G D C; do
	result "blktrace, $action events" "$(grep -c "^$action [RW]" events)" 8000
done
result "blktrace, dropped by the kernel" "$(cat dropped)" 0
result "blktrace, dropped according to blktrace" "$(sed -n 's,.*Total:.*(dropped \([0-9]*\)).*,\1,p' blktrace.out)" 0
sed 's/^/# /' blktrace.out | tail -4
# Where something is missing: what blkparse has to say, and the places at which the kernel's
# numbers of a CPU's events are not in one row.
grep -v '^Input file' summary | sed 's/^/# blkparse: /' | head -20
sort -k2,2n -k3,3n all | awk '$1 ~ /,/ { if (($2 in last) && $3 != last[$2] + 1) print "# gap before:", $0; last[$2] = $3 }' | head -20
