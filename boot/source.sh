#!/bin/bash
# build/src: the pristine tree with overlay and patches. Unchanged files are hard
# links into the pristine tree, so a file is replaced, and never written to. Only
# files whose content changes get a new time, so that make rebuilds nothing else.
. "$(dirname "$0")/lib.sh"

need rsync patch
exec 9>"$BUILD/.src.lock"
flock 9
pristine=$("$ROOT/boot/fetch.sh" | tail -n 1)
src=$BUILD/src list=$BUILD/.src.list

if [ "$(cat "$BUILD/.src.from" 2>/dev/null)" != "$pristine" ] || [ ! -f "$src/Makefile" ]; then
	stage "copying the kernel source to build/src"
	rm -rf "$src" "$src.new" "$list"
	mkdir "$src.new"
	(
		cd "$pristine"
		find . -mindepth 1 -maxdepth 1 ! -name .git ! -name .relay-orig -print0 |
			xargs -0 cp -al -t "$src.new" 2>/dev/null ||
			# Another file system: a real copy.
			find . -mindepth 1 -maxdepth 1 ! -name .git ! -name .relay-orig -print0 |
			xargs -0 cp -a -t "$src.new"
	)
	if [ -f "$src.new/.config" ] || [ -d "$src.new/include/config" ]; then
		# Somebody builds in that tree: the copy must be clean (this unlinks).
		logged source-mrproper make -C "$src.new" mrproper
	fi
	mv "$src.new" "$src"
	echo "$pristine" >"$BUILD/.src.from"
fi

"$ROOT/boot/stage.sh" "$pristine" "$BUILD/stage"
(cd "$BUILD/stage" && find . ! -type d | sort) >"$list.new"
# What is no longer ours goes back to what it was, with a new time.
if [ -f "$list" ]; then
	comm -13 "$list.new" "$list" | while read -r f; do
		rm -f "$src/$f"
		[ ! -e "$pristine/$f" ] || cp "$pristine/$f" "$src/$f"
		[ -e "$src/$f" ] || rmdir -p --ignore-fail-on-non-empty "$(dirname "$src/$f")"
	done
fi
# Not --times: content decides, and a replaced file is new. Never --inplace.
rsync -rlE --checksum --itemize-changes "$BUILD/stage/" "$src/" >"$LOGS/source.log"
mv "$list.new" "$list"
