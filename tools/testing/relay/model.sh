#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Check ring.pml in both modes, and that it notices each way to break it.
#
# usage: model.sh <build directory> [definitions for spin]
set -u
out=$1/model
shift
here=$(cd "$(dirname "$0")" && pwd)
status=0
mkdir -p "$out" && cd "$out" || exit 1

# Return: 0 if no order of steps violates the model, 1 if one does.
explore() {
	spin -a "$@" "$here/ring.pml" >spin.log 2>&1 &&
		cc -O2 -w -DSAFETY -DCOLLAPSE -DMEMLIM=3000 pan.c -o pan &&
		./pan -m100000 >pan.log 2>&1 || exit 2
	! grep -q 'search depth too small\|out of memory\|memory limit' pan.log ||
		exit 2
	grep -q 'errors: 0' pan.log
}

result() {
	if [ "$1" = "$2" ]; then
		echo "ok $3"
	else
		echo "not ok $3"
		status=1
	fi
}

(explore "$@")
result $? 0 "no-overwrite, $(sed -n 's/ states, stored.*//p' pan.log) states"
(explore -DOVERWRITE "$@")
result $? 0 "overwrite, $(sed -n 's/ states, stored.*//p' pan.log) states"
for break in 1 2 3 4 5 6; do
	(explore -DOVERWRITE "-DBREAK=$break")
	result $? 1 "notices break $break"
done
exit $status
