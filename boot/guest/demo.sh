#!/bin/sh
# demo.sh BUILD RECORDS SEED PARAMETER=VALUE...: runs in a guest. blktrace on
# real I/O, then the sample with its reader; figures go to $OUT. What is printed
# is progress.
BUILD=$1 records=$2 seed=$3; shift 3
. boot/guest/sample.sh

echo "recording 4000 writes and 4000 reads with blktrace"
boot/guest/blktrace.sh >"$OUT/blktrace" || exit 1

load seed="$seed" "$@"
contexts=$(sed -n 's/^writer 0 \([^ ]*\) .*/\1/p' $sample/stats | paste -sd, | sed 's/,/, /g')
echo "writing from $contexts, $records records each on each CPU, and reading"
read_sample -n "$records" -j "$OUT/client.json" >"$OUT/client"
echo $? >"$OUT/client.status"
rmmod relay_sample
