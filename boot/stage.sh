#!/bin/bash
# stage.sh ORIGINAL DIR: fill DIR with exactly the files that differ from the
# pristine tree ORIGINAL, in their final form: overlay, and patched originals.
# patches/fixes-*.patch are not applied, because they fix old code that the
# overlay replaces; only "make patch" exports them.
. "$(dirname "$0")/lib.sh"
orig=$1 dir=$2

rm -rf "$dir"
mkdir -p "$dir"
cd "$ROOT"
for d in $OVERLAY; do
	# What the working copy has that no tree should get: objects and the like.
	[ ! -d "$d" ] || rsync -rlEm --exclude='*.o' --exclude='.*.cmd' --exclude='*~' --exclude='.*.swp' \
		--exclude-from=<(git -C "$ROOT" ls-files -oi --exclude-standard --directory 2>/dev/null | sed 's,^,/,') \
		"$d" "$dir/"
done
for p in patches/[0-9]*.patch; do
	[ -f "$p" ] || continue
	sed -n 's,^+++ b/\([^[:space:]]*\).*,\1,p' "$p" | while read -r f; do
		[ ! -e "$ROOT/$f" ] || die "$p changes $f, which the overlay replaces"
		[ ! -e "$orig/$f" ] || [ -e "$dir/$f" ] || { mkdir -p "$(dirname "$dir/$f")"; cp "$orig/$f" "$dir/$f"; }
	done
	patch -p1 -s -f --no-backup-if-mismatch -F0 -d "$dir" <"$p" || die "$p does not apply"
done

# What the overlay replaces must be known, for "make apply" to see local changes.
if [ "$orig" = "$CACHE/linux-source-7.3" ]; then
	cd "$dir"
	find . ! -type d | sed 's,^\./,,' | while read -r f; do
		[ ! -e "$ROOT/$f" ] || [ ! -e "$orig/$f" ] || grep -q " $f\$" "$ROOT/boot/pristine.sha256" ||
			die "the overlay replaces $f: add to boot/pristine.sha256: $(cd "$orig" && sha256sum "$f")"
	done
fi
