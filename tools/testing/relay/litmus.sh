#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Run the litmus tests where herd7 and a kernel's memory model are.
#
# usage: litmus.sh [kernel tree with tools/memory-model]
set -u
here=$(cd "$(dirname "$0")" && pwd)
model=${1:-.}/tools/memory-model
status=0

if ! command -v herd7 >/dev/null || [ ! -f "$model/linux-kernel.cfg" ]; then
	echo "# skip litmus: needs herd7, and KERNEL= with tools/memory-model"
	exit 0
fi
cd "$model" || exit 1
for test in "$here"/litmus/*.litmus; do
	name="$(basename "$test" .litmus)"
	if herd7 -conf linux-kernel.cfg "$test" | grep -q '^Observation .* Never'; then
		echo "ok $name"
	else
		echo "not ok $name"
		status=1
	fi
done
exit $status
