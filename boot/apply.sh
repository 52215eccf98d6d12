#!/bin/bash
# apply.sh apply|unapply: put overlay and patches onto the tree KDIR, or take
# them out again, byte for byte. KDIR/.relay-orig keeps the replaced files, and the
# check sums of the new ones, so that an edit of a user is not lost unnoticed.
. "$(dirname "$0")/lib.sh"
what=$1
[ -n "${KDIR:-}" ] || die "which tree? make $what KDIR=/path/to/linux-7.3"
need rsync patch
KDIR=$("$ROOT/boot/fetch.sh" | tail -n 1)
keep=$KDIR/.relay-orig
force=${FORCE:-}

# Refuse to touch what somebody has changed since we put it there.
unchanged() {
	(cd "$KDIR" && sha256sum -c --quiet "$keep/sums") >"$LOGS/apply-sums.log" 2>&1 || [ -n "$force" ] || {
		sed -n 's/: FAILED.*/ was changed since it was applied/p' "$LOGS/apply-sums.log" >&2
		die "not touched: save your changes, then make $what KDIR=$KDIR FORCE=1"
	}
}

# A copy, not the original itself: with its old time, make would not notice.
restore() {
	local f
	while read -r f; do
		rm -f "$KDIR/$f"
		if [ -e "$keep/files/$f" ]; then
			cp --preserve=mode "$keep/files/$f" "$KDIR/$f.relay-tmp"
			mv "$KDIR/$f.relay-tmp" "$KDIR/$f"
		else
			(cd "$KDIR" && rmdir -p --ignore-fail-on-non-empty "$(dirname "$f")" 2>/dev/null) || true
		fi
	done
}

if [ "$what" = unapply ]; then
	[ -d "$keep" ] || { echo "not applied to $KDIR, nothing to do"; exit; }
	unchanged
	n=$(wc -l <"$keep/list")
	restore <"$keep/list"
	rm -rf "$keep"
	echo "taken out of $KDIR: $n files are as they were"
	exit
fi

# What the tree was without us, as far as it concerns us.
was=$BUILD/apply/was new=$BUILD/apply/new
rm -rf "$BUILD/apply"
mkdir -p "$was"
if [ -d "$keep" ]; then
	unchanged
	cp -a "$keep/files/." "$was/"
fi
{ cat "$ROOT"/patches/[0-9]*.patch | sed -n 's,^+++ b/\([^[:space:]]*\).*,\1,p'
  cd "$ROOT"; for d in $OVERLAY; do [ ! -d "$d" ] || find "$d" ! -type d; done; } | sort -u | while read -r f; do
	[ ! -e "$KDIR/$f" ] || [ -e "$was/$f" ] || grep -qxF "$f" "$keep/list" 2>/dev/null ||
		{ mkdir -p "$(dirname "$was/$f")"; cp -p "$KDIR/$f" "$was/$f"; }
done

# Local changes: a file that we would replace must be Linux 7.3's own.
while read -r sum f; do
	[ ! -e "$ROOT/$f" ] || [ ! -e "$was/$f" ] || [ "$(sha256sum <"$was/$f")" = "$sum  -" ] || echo "$f"
done <"$ROOT/boot/pristine.sha256" >"$BUILD/apply/changed"
(cd "$was" && find . ! -type d | sed 's,^\./,,') | while read -r f; do
	[ ! -e "$ROOT/$f" ] || grep -q " $f\$" "$ROOT/boot/pristine.sha256" || echo "$f"
done >>"$BUILD/apply/changed"
if [ -s "$BUILD/apply/changed" ] && [ -z "$force" ]; then
	sed 's/$/: not as in Linux 7.3/' "$BUILD/apply/changed" >&2
	die "local changes in the way in $KDIR (FORCE=1 replaces them; make unapply brings them back)"
fi
"$ROOT/boot/stage.sh" "$was" "$new" >"$LOGS/apply.log" 2>&1 ||
	{ cat "$LOGS/apply.log" >&2; die "local changes in the way in $KDIR"; }
(cd "$new" && find . ! -type d | sed 's,^\./,,' | sort) >"$BUILD/apply/list"

if [ -d "$keep" ] && cmp -s "$keep/list" "$BUILD/apply/list" &&
   (cd "$new" && sha256sum --quiet -c "$keep/sums") >/dev/null 2>&1; then
	echo "already applied to $KDIR, nothing to do"
	exit
fi

# First what brings it back, then the change.
mkdir -p "$keep/files"
echo '*' >"$keep/.gitignore"
while read -r f; do
	[ ! -e "$was/$f" ] || [ -e "$keep/files/$f" ] ||
		{ mkdir -p "$(dirname "$keep/files/$f")"; cp -p "$was/$f" "$keep/files/$f"; }
done <"$BUILD/apply/list"
if [ -f "$keep/list" ]; then
	comm -23 "$keep/list" "$BUILD/apply/list" >"$BUILD/apply/gone"
	restore <"$BUILD/apply/gone"
	while read -r f; do rm -f "$keep/files/$f"; done <"$BUILD/apply/gone"
fi
cp "$BUILD/apply/list" "$keep/list"
(cd "$new" && tr '\n' '\0' <"$keep/list" | xargs -0 sha256sum) >"$keep/sums"
rsync -rlE --checksum "$new/" "$KDIR/"
echo "applied to $KDIR: $(wc -l <"$keep/list") files"
cat <<END
Now configure it: CONFIG_RELAY=y (in "General setup"; BLK_DEV_IO_TRACE selects it).
With it: CONFIG_RELAYFS_FS (the files), CONFIG_RELAY_RESERVED (relayres=), CONFIG_LTT (relayctl trace),
CONFIG_RELAY_KUNIT_TEST (tests), CONFIG_SAMPLES and CONFIG_SAMPLE_RELAY=m (examples).
    cd $KDIR && scripts/config -e RELAY -e RELAYFS_FS -e DEBUG_FS && make olddefconfig && make
END
