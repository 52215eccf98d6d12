#!/bin/bash
# checkpatch --strict, sparse, gcc W=1 and kernel-doc for this project's files only; and
# a check that no traced function is in the write path. Prints an ok or not ok line for
# each, followed by its findings.
. "$(dirname "$0")/lib.sh"
need_to_compile
need sparse
kernel_env
"$ROOT/boot/source.sh"
src=$BUILD/src o=$BUILD/check n=0 bad=0
list=$BUILD/.src.list

# report WHAT FILE: no line in FILE means no finding.
report() {
	n=$((n + 1))
	if [ -s "$2" ]; then
		bad=1
		echo "not ok $n - $1: $(grep -cE 'warning|error|WARNING|ERROR|CHECK' "$2") findings"
		head -n 200 "$2" | sed 's/^/# /'
	else
		echo "ok $n - $1"
	fi
}

# The overlay's own files: what patches/ edits is checked as a patch.
cd "$ROOT"
while read -r f; do
	[ ! -f "$ROOT/${f#./}" ] || echo "${f#./}"
done <"$list" >"$BUILD/.check.files"

stage "checkpatch"
# MAINTAINERS comes with a commit of its own. (--no-tree: it would ask for each file
# who maintains it.)
flags=(--strict --terse --no-summary --show-types --no-tree --root=. --ignore FILE_PATH_CHANGES)
# Programs have no kernel helpers to prefer, and the headers that stand in for
# the kernel's in user space have to define what a client must not.
user=ARRAY_SIZE,BIT_MACRO,CAMELCASE,COMPLEX_MACRO,MACRO_ARG_REUSE,MEMORY_BARRIER,MINMAX,MSLEEP
user+=,AVOID_EXTERNS,EXPORT_SYMBOL,NEW_TYPEDEFS,PREFER_DEFINED_ATTRIBUTE_MACRO,VOLATILE,FILE_PATH_CHANGES
# ("root root", as ls prints it in an example)
user+=,REPEATED_WORD
grep -E '\.(c|h|S|rst|sh|py)$|/(Kconfig|Makefile)$' "$BUILD/.check.files" >"$BUILD/.check.style" || true
(
	cd "$src"
	grep -v '^tools/\|^kernel/ltt/tests/sizes.c$' "$BUILD/.check.style" |
		xargs -r perl scripts/checkpatch.pl "${flags[@]}" -f || true
	# (It has the macros of trace_events.h, with what else they get.)
	perl scripts/checkpatch.pl "${flags[@]}" \
		--ignore MACRO_ARG_UNUSED,MACRO_ARG_REUSE,MULTISTATEMENT_MACRO_USE_DO_WHILE -f kernel/ltt/tests/sizes.c || true
	grep '^tools/' "$BUILD/.check.style" | grep -v '^tools/testing/ltt/.*\.h$' |
		xargs -r perl scripts/checkpatch.pl "${flags[@]}" --ignore $user -f || true
	# (TRACE_EVENT() looks as it does everywhere.)
	grep '^tools/testing/ltt/.*\.h$' "$BUILD/.check.style" | xargs -r perl scripts/checkpatch.pl "${flags[@]}" \
		--ignore $user,OPEN_ENDED_LINE,PARENTHESIS_ALIGNMENT -f || true
) >"$LOGS/checkpatch.log" 2>&1
report "checkpatch --strict, files" "$LOGS/checkpatch.log"
logged check-patch "$ROOT/boot/patch.sh"
# What is in a new file has been checked. (The job "patch" makes the same patches anew.)
rm -rf "$BUILD/check-series"
mkdir "$BUILD/check-series"
exec 7>"$BUILD/.patch.lock"
flock 7
for f in "$BUILD"/patch/*/*.patch; do
	case $f in */0000-*) continue ;; esac
	name=${f#"$BUILD"/patch/}
	awk '/^diff --git / { new = hunk = 0 } /^new file mode / { new = 1 } /^@@ / { hunk = new } /^-- $/ { hunk = 0 } !hunk' \
		"$f" >"$BUILD/check-series/${name/\//-}"
done
flock -u 7
# (The source is no repository: it knows no commit.)
(cd "$src" && perl scripts/checkpatch.pl "${flags[@]}" --ignore "$user,UNKNOWN_COMMIT_ID" "$BUILD"/check-series/*.patch) \
	>"$LOGS/checkpatch-series.log" 2>&1 || true
report "checkpatch --strict, series" "$LOGS/checkpatch-series.log"

stage "sparse, W=1"
kconfig "$o" um common.config kunit.config block.config ltt.config um.config
# Only our objects, and those of the tree's files that we edit.
targets=
for d in kernel/relay fs/relayfs kernel/ltt samples/relay; do
	[ ! -f "$ROOT/$d/Makefile" ] || targets+=" $d/"
done
while read -r f; do
	f=${f#./}
	case $f in
	tools/* | kernel/relay/* | fs/relayfs/* | kernel/ltt/* | samples/* | arch/*) ;;
	# (a part of trace_ltt.c)
	kernel/trace/trace_ltt_kunit.c) ;;
	# (what User-mode Linux has not)
	drivers/* | kernel/kexec* | kernel/vmcore_info.c | kernel/trace/trace_[ef]probe.c | kernel/trace/trace_snapshot.c) ;;
	*.c) targets+=" ${f%.c}.o" ;;
	esac
done <"$list"
# shellcheck disable=SC2086
kmake "$o" um CHECK="sparse -include $ROOT/boot/sparse.h" C=2 W=1 KBUILD_MODPOST_WARN=1 $targets >"$LOGS/sparse.log" 2>&1 ||
	{ show_log "$LOGS/sparse.log"; echo "not ok - our objects compile"; exit 1; }
# And what is for a machine only, and for a function tracer.
kconfig "$o-x86_64" x86_64 common.config kunit.config block.config ltt.config x86_64-base.config x86_64.config tracer.config
objects=$(cd "$ROOT" && ls kernel/relay.c kernel/relay/*.c kernel/relay/reserved/*.c | sed 's/c$/o/')
# shellcheck disable=SC2086
kmake "$o-x86_64" x86_64 CHECK="sparse -include $ROOT/boot/sparse.h" C=2 W=1 KBUILD_MODPOST_WARN=1 \
	$objects kernel/relay/tests/trace_kunit.o kernel/ltt/ kernel/trace/trace_ltt.o \
	>>"$LOGS/sparse.log" 2>&1 || { show_log "$LOGS/sparse.log"; echo "not ok - our objects compile for x86_64"; exit 1; }
# A finding counts where it points into one of our files.
sed 's,^\./,,' "$BUILD/.check.files" | grep -E '\.[ch]$' >"$BUILD/.check.sources"
grep -E '(warning|error):' "$LOGS/sparse.log" | sed "s,$src/,,g; s,^\.\./src/,," |
	grep -Ff "$BUILD/.check.sources" | sort -u >"$LOGS/sparse.findings" || true
! grep -q 'sparse is not available' "$LOGS/sparse.log" || echo "error: sparse did not run" >>"$LOGS/sparse.findings"
report "sparse and gcc W=1" "$LOGS/sparse.findings"
# shellcheck disable=SC2086
(cd "$o-x86_64" && "$ROOT/boot/notrace.py" $objects) >"$LOGS/notrace.log" 2>&1 || echo error >>"$LOGS/notrace.log"
report "no write is traced" "$LOGS/notrace.log"
# shellcheck disable=SC2086
(cd "$o-x86_64" && "$ROOT/boot/layers.py" $objects) >"$LOGS/layers.log" 2>&1 || echo error >>"$LOGS/layers.log"
report "no layer calls a higher one" "$LOGS/layers.log"

stage "kernel-doc"
# shellcheck disable=SC2046
(cd "$src" && python3 scripts/kernel-doc -none -Wall \
	$(grep -E '^(include|kernel|fs)/.*\.[ch]$' "$BUILD/.check.files")) >"$LOGS/kernel-doc.log" 2>&1 || true
report "kernel-doc -Wall" "$LOGS/kernel-doc.log"
exit $bad
