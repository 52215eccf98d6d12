#!/bin/sh
# demo.sh BUILD RECORDS SEED PARAMETER=VALUE...: runs in a guest. Run blktrace on
# real I/O, then the sample with its reader, then the sample while relayctl records
# it. The figures go to $OUT, the progress to stdout.
BUILD=$1 records=$2 seed=$3; shift 3
. boot/guest/sample.sh
. boot/guest/tools.sh

echo "recording 4000 writes and 4000 reads with blktrace"
boot/guest/blktrace.sh >"$OUT/blktrace" || exit 1

load seed="$seed" "$@"
contexts=$(sed -n 's/^writer 0 \([^ ]*\) .*/\1/p' $sample/stats | paste -sd, | sed 's/,/, /g')
echo "writing from $contexts, $records records each on each CPU, and reading"
read_sample -n "$records" -j "$OUT/client.json" >"$OUT/client"
echo $? >"$OUT/client.status"
rmmod relay_sample

load seed=$((seed + 1)) n_subbufs=64 "$@"
echo "the same, recorded by relayctl"
start_record -o /tmp/recording
write_records "$records"
stop_record >"$OUT/record" || exit 1
relayctl stat --json $channel >"$OUT/stat.json" || exit 1
relayctl cat -q /tmp/recording | check_sample - >"$OUT/cat" || exit 1
cat $sample/stats >"$OUT/stats"
rmmod relay_sample
