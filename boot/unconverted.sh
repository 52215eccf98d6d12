#!/bin/bash
# unconverted.sh: build build/um-unconverted/linux, which differs from build/um/linux
# in one object: blktrace.c of the pristine tree, without this project's patch.
. "$(dirname "$0")/lib.sh"
kernel_env
um=$BUILD/um o=$BUILD/um-unconverted object=kernel/trace/blktrace.o
pristine=$("$ROOT/boot/fetch.sh" | tail -n 1)
exec 8>"$um/.lock"
flock 8
if [ "$o/linux" -nt "$um/linux" ]; then exit; fi

stage "linking um with the unconverted blktrace"
mkdir -p "$o"
rsync -a --delete --exclude=/.lock --exclude=/linux "$um/" "$o/"
# The command that compiled ours, on the other source.
command=$(sed -n 's/^savedcmd_[^ ]* := //p' "$o/${object%/*}/.${object##*/}.cmd")
command=${command/"$BUILD/src/${object%.o}.c"/"$pristine/${object%.o}.c"}
(cd "$o" && rm "$object" && logged unconverted-cc sh -c "$command")
logged um-unconverted kmake "$o" um linux
