#!/bin/bash
# recover-bank.sh BANK WITNESS DIR: recover a copy of a bank in which the sample recorded.
# Writes the recording to DIR/found, relayctl's report to DIR/json, and to DIR/cpus a line
# for each CPU that compares it with the witness's page: "CPU committed unseen undecided
# recovered torn".
. "$(dirname "$0")/lib.sh"
rm -rf "$3/found"
build() { "$ROOT/build/relay-tools/$1" "${@:2}"; }
# (3: a commit was under way when the machine died, and is told.)
build relayctl recover --json -o "$3/found" "$1" >"$3/json" || [ $? = 3 ]
for cpu in 0 1 2 3; do
	build relayctl cat -q -c $cpu "$3/found/relay-sample" | build sample-check -w "$2" - >"$3/checked"
	sed -n "/^cpu $cpu /s/[^0-9]*\([0-9]*\)/\1 /gp" "$3/checked" | sed "s/\$/$(sed -n 's/.*torn //p' "$3/checked")/"
done >"$3/cpus"
