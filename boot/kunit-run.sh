#!/bin/bash
# kunit-run.sh [guest options] GLOB: boot a kernel with the KUnit suites that
# match GLOB, and turn their KTAP into plain "ok N - suite.test" lines. A
# kernel image runs in QEMU, any other file is User-mode Linux. An announced
# test without a result is "not ok", because the kernel died in it; with NO_SKIP=1 one that
# was skipped, too.
. "$(dirname "$0")/guest.sh"
args=("$@")
parse_options "$@"; shift $((OPTIND - 1))
[ $# = 1 ] || die "one glob, please"
unset 'args[-1]'
[ "${args[-1]-}" != -- ] || unset 'args[-1]'
run=um-run.sh
case $kernel in *Image) run=qemu-run.sh ;; esac
[ -n "$out" ] || { prepare_out kunit; args+=(-o "$out"); }
mkdir -p "$out"

rc=0
"$ROOT/boot/$run" "${args[@]}" -a "kunit.autorun=1 kunit.enable=1 kunit.filter_glob=$1" -- true || rc=$?
awk '
	function result(ok, name) { printf "%s %d - %s\n", ok, ++n, name; if (ok == "not ok") bad++ }
	function missing() { if (suite != "" && seen < plan) result("not ok", suite ": " plan " tests announced, " seen " ended") ; suite = "" }
	{ sub(/\r$/, ""); sub(/^(<[0-9]+>)?\[ *[0-9]+\.[0-9]+\](\[ *[TC][0-9]+\])? ?/, "") }
	/^    # Subtest: / { missing(); suite = $3; plan = 0; seen = 0; next }
	/^    1\.\.[0-9]+/ { plan = substr($1, 4) + 0; next }
	/^    (not )?ok [0-9]+/ {
		ok = "ok"; line = $0; sub(/^ +/, "", line)
		if (sub(/^not /, "", line) || (ENVIRON["NO_SKIP"] && / # SKIP/)) ok = "not ok"
		sub(/^ok [0-9]+ (- )?/, "", line)
		seen++; result(ok, suite "." line); next
	}
	/^ok [0-9]+ |^not ok [0-9]+ / { if (suite != "") missing(); next }
	# What a failed test said.
	/^ +# .*: (EXPECTATION|ASSERTION) FAILED|^ +Expected |^ +not ok / { print "# " $0 }
	END { missing(); if (!n) print "not ok 1 - no KUnit result at all"; exit (bad || !n) }
' "$out/console" || [ $rc != 0 ] || rc=1
exit $rc
