#!/bin/sh
# hotplug.sh BUILD RECORDS SEED: runs in a guest with two CPUs. CPU 1 goes
# offline and comes back while the sample writes on both.
BUILD=$1 records=$2 seed=$3
. boot/guest/sample.sh
cpu1=/sys/devices/system/cpu/cpu1/online
cpu1_stats() { grep -E '^(writer|buffer) 1 ' $sample/stats; }
cpu1_written() { sed -n 's/^writer 1 task \([0-9]*\) .*/\1/p' $sample/stats; }

echo "# seed $seed"
load seed="$seed"
# What a CPU left behind.
echo 100 >$sample/control
cat $sample/control
cpu1_stats >/tmp/before
result "CPU 1 goes offline" eval "echo 0 >$cpu1"
cpu1_stats >/tmp/after
result "its counts stay" cmp /tmp/before /tmp/after
result "its data is read while it is offline" read_sample -n 0
result "CPU 1 comes back" eval "echo 1 >$cpu1"
result "and writes on" read_sample -n 100

# Away and back, as often as it can while the writers run.
read_sample -n "$records" >/tmp/account 2>&1 &
reader=$!
while kill -0 $reader 2>/dev/null && [ "$(cpu1_written)" = 200 ]; do :; done
times=0
while kill -0 $reader 2>/dev/null; do
	echo 0 >$cpu1 && echo 1 >$cpu1 || break
	times=$((times + 1))
done
echo "# $times times"
result "CPU 1 went offline while both wrote" [ $times -ge 3 ]
result "and wrote its share" [ "$(cpu1_written)" = $((records + 200)) ]
result "all records are accounted for" eval "wait $reader && cat /tmp/account"
rmmod relay_sample
