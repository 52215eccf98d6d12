#!/bin/bash
# mutate-files.sh: apply each mutation in tools/testing/selftests/relay/mutations
# to the files of relay, and print which test notices. ONLY=part of a mutation's name.
# APPLY=1: only check that each mutation changes its file; no kernel is compiled.
. "$(dirname "$0")/lib.sh"
only=${ONLY:-} apply=${APPLY:-} survived=0 total=0
list=$ROOT/tools/testing/selftests/relay/mutations
copy=$BUILD/mutate-files
cd "$ROOT"
mkdir -p "$copy"
# The program, or the KUnit suites of the files.
judge() {
	case $program in
	kunit) run=(kunit-run.sh -t 200 -k "$copy/build/um/linux" 'relay-[acf]*') ;;
	*) run=(selftest.sh um -t 200 -- "$program" SEED=1 RECORDS=2000 OPENS=100) ;;
	esac
	timeout -k 10 240 "$copy/boot/${run[0]}" "${run[@]:1}" >"$copy/log" 2>&1
}

# A tree of its own, with its own build: the clone stays as it is.
rsync -a --delete --exclude=/build --exclude=.git ./ "$copy/"
if [ -z "$apply" ]; then
	stage "compiling what is broken later"
	"$copy/boot/kernel.sh" um
fi

trim() { sed 's/^ *//; s/ *$//' <<<"$1"; }
echo 'mutation | noticed by'
echo '---|---'
while IFS= read -r line; do
	case $line in ''|'#'*) continue ;; esac
	name=$(trim "${line%%|*}") rest=${line#*|}
	[[ $name = *"$only"* ]] || continue
	file=$(trim "${rest%%|*}") rest=${rest#*|}
	program=$(trim "${rest##*|}") command=$(trim "${rest%|*}")
	total=$((total + 1))
	cp "$ROOT/$file" "$copy/$file"
	sed -i "$command" "$copy/$file"
	if cmp -s "$ROOT/$file" "$copy/$file"; then
		result="DOES NOT APPLY"
	elif [ -n "$apply" ]; then
		result=applies
	elif ! "$copy/boot/kernel.sh" um >"$copy/log" 2>&1; then
		result="DOES NOT BUILD"
	elif judge; then
		result=NOTHING
	else
		result=$(grep -m1 '^not ok' "$copy/log" | sed 's/^not ok [0-9]* \(- \)\?//; s/ *#.*//' || true)
		result="$program: ${result:-does not end, or the kernel complains}"
	fi
	case $result in [A-Z][A-Z]*) survived=$((survived + 1)) ;; esac
	echo "$name | $result"
	# Time stamps decide what is compiled again.
	cp "$ROOT/$file" "$copy/$file"
done <"$list"
if [ -n "$apply" ]; then
	[ $survived = 0 ] && echo "ok - all $total mutations of the files apply" ||
		echo "not ok - $survived mutations of the files do not apply"
else
	echo "# $survived of $total mutations survived"
fi
[ $survived = 0 ] && [ $total -gt 0 ]
