#!/bin/bash
# sample-run.sh KERNEL [guest options] -- SCRIPT ARGS...: run one of the scripts
# in boot/guest/ that use the relay sample, as SCRIPT build/KERNEL ARGS.
. "$(dirname "$0")/lib.sh"
build=build/$1; shift
options=()
while [ "$1" != -- ]; do options+=("$1"); shift; done
script=$2; shift 2
cd "$ROOT"
case $build in
build/um*) run=um-run.sh options+=(-k "$build/linux") ;;
*)
	run=qemu-run.sh options+=(-k "$(image "${build#build/}")" -f boot/guest/sample.sh)
	# The host may take the CPU away from an NMI handler.
	options+=(-i 'INFO: NMI handler .* took too long')
	for f in samples/relay/relay_sample.ko samples/relay/relay-read lib/crc/crc32.ko; do
		[ ! -f "$build/$f" ] || options+=(-f "$build/$f")
	done ;;
esac
exec boot/$run "${options[@]}" -- "$script" "$build" "$@"
