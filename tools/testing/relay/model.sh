#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Check ring.pml in both modes and notes.pml from both starts, and that they notice each
# way to break them.
#
# usage: model.sh <build directory> [definitions for ring.pml]
set -u
out=$1/model
shift
here=$(cd "$(dirname "$0")" && pwd)
status=0
mkdir -p "$out" && cd "$out" || exit 1

# explore <model> [definitions]
# Return: 0 if no order of steps violates the model, 1 if one does.
explore() {
	model=$here/$1.pml
	shift
	spin -a "$@" "$model" >spin.log 2>&1 &&
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

states() {
	sed -n 's/ states, stored.*//p' pan.log
}

(explore ring "$@")
result $? 0 "no-overwrite, $(states) states"
(explore ring -DOVERWRITE "$@")
result $? 0 "overwrite, $(states) states"
for break in 1 2 3 4 5 6; do
	(explore ring -DOVERWRITE "-DBREAK=$break")
	result $? 1 "notices break $break"
done
(explore notes)
result $? 0 "notes, $(states) states"
(explore notes -DENTER)
result $? 0 "notes of a sub-buffer that stays open, $(states) states"
for break in 1 2 4 5; do
	(explore notes "-DBREAK=$break")
	result $? 1 "notes: notices break $break"
done
(explore notes -DENTER -DBREAK=3)
result $? 1 "notes: notices break 3"
exit $status
