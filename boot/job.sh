#!/bin/bash
# job.sh JOB: run a job of "make test" in the foreground: boot/tests/JOB.sh, or its row
# of boot/tests/table. Without JOB, print "seconds name kernels" of each job of this tree.
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

list_scripts() {
	local script path
	for script in boot/tests/*.sh; do
		path=$(sed -n 's/^# if: //p' "$script")
		[ -e "$path" ] || [ -z "$path" ] || continue
		echo "$(sed -n 's/^# job \([0-9]*\).*/\1/p' "$script") $(basename "$script" .sh)" \
			"$(sed -n 's/^# kernels: //p' "$script")"
	done
}

rows() { sed '/^#/d; /^$/d' boot/tests/table; }

if [ $# = 0 ]; then
	list_scripts
	rows | awk -F ' *[|] *' '{ print $2, $1, $3 }'
elif [ -f "boot/tests/$1.sh" ]; then
	exec "boot/tests/$1.sh"
else
	command=$(rows | job=$1 awk -F ' *[|] *' '$1 == ENVIRON["job"] { sub(/^[^|]*[|][^|]*[|][^|]*[|] */, ""); print }')
	[ -n "$command" ] || die "no job $1: neither boot/tests/$1.sh nor a row of boot/tests/table"
	eval "exec $command"
fi
