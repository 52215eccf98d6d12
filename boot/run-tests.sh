#!/bin/bash
# run-tests.sh [JOB...]: run all tests, or the named jobs. Builds the kernels, then runs the
# jobs (boot/tests/*.sh, boot/tests/table), the longest first, four at a time: with three,
# a quarter of two CPUs stays idle, because guests have one thread, or wait. A job's script
# has in its first lines "# job N" with its approximate seconds, "# kernels: ..." with the
# kernels that it needs, and "# if: PATH" if only trees with PATH have the job.
. "$(dirname "$0")/lib.sh"
rm -rf "$BUILD/test"
mkdir -p "$BUILD/test"
cd "$ROOT"
jobs=$(boot/job.sh | sort -rn)
if [ $# = 0 ]; then
	# shellcheck disable=SC2046
	set -- $(cut -d' ' -f2 <<<"$jobs")
fi
# Two kernels at a time: while one is linked, on one CPU, the other compiles.
"$ROOT/boot/source.sh"
if ! for job; do awk -v job="$job" '$2 == job { for (i = 3; i <= NF; i++) print $i }' <<<"$jobs"; done | sort -u |
	xargs -r -P 2 -n 1 "$ROOT/boot/kernel.sh"; then
	echo "0 passed, 1 failed"
	exit 1
fi
printf '%s\n' "$@" | xargs -P 4 -n 1 "$ROOT/boot/run-job.sh"
# Who sees only the end of this sees what failed.
for count in "$BUILD"/test/*.count; do
	job=$(basename "$count" .count)
	[ "$(cut -d" " -f2 "$count")" != 0 ] || continue
	echo "failed: $job"
	{ grep -E '^(not ok|error:|guest:) ' "$BUILD/test/$job.log" || tail -n 3 "$BUILD/test/$job.log"; } | head -5 | sed 's/^/    /'
done
cat "$BUILD"/test/*.count | awk '
	{ ok += $1; bad += $2 }
	END { printf "%d passed, %d failed\n", ok, bad; exit bad > 0 }'
