#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Run commands, one per line of standard input, and number the tests that they
# report. A command that fails without saying so is a failed test. One of 32 bits that the
# kernel of this machine cannot execute is left out, and named.
set -u
log=$(mktemp)
trap 'rm -f "$log"' EXIT
n=0
failed=0

report() {
	while IFS= read -r line; do
		case $line in
		'ok '*)
			n=$((n + 1))
			echo "ok $n - $program: ${line#ok }" ;;
		'not ok '*)
			n=$((n + 1))
			failed=$((failed + 1))
			echo "not ok $n - $program: ${line#not ok }" ;;
		*)
			echo "$line" ;;
		esac
	done <"$log"
}

echo 'TAP version 13'
while IFS= read -r command; do
	[ -n "$command" ] || continue
	# The first word that is a path.
	program=${command#*/}
	program=$(basename "${program%% *}")
	bash -c "$command" >"$log" 2>&1 </dev/null
	code=$?
	if [ $code -eq 126 ] && grep -q -- '-32: .*Exec format error' "$log"; then
		n=$((n + 1))
		echo "ok $n - $command # SKIP this machine runs no program of 32 bits"
		continue
	fi
	before=$failed
	report
	if [ $code -ne 0 ] && [ $failed -eq $before ]; then
		n=$((n + 1))
		failed=$((failed + 1))
		echo "not ok $n - exit $code: $command"
	fi
done
echo "1..$n"
echo "# $failed of $n failed"
[ $failed -eq 0 ] && [ $n -gt 0 ]
