#!/bin/bash
# Print the path of the pristine Linux 7.3 tree as the last line. KDIR may name a tree;
# otherwise Debian's source package is fetched into the cache, once.
. "$(dirname "$0")/lib.sh"

if [ -n "${KDIR:-}" ]; then
	[ -f "$KDIR/Makefile" ] && [ -f "$KDIR/kernel/relay.c" ] || die "KDIR=$KDIR is no kernel source tree"
	grep -qx 'VERSION = 7' "$KDIR/Makefile" && grep -qx 'PATCHLEVEL = 3' "$KDIR/Makefile" ||
		die "KDIR=$KDIR is not Linux 7.3"
	cd "$KDIR" && pwd -P
	exit
fi

tree=$CACHE/linux-source-7.3
mkdir -p "$CACHE"
exec 9>"$CACHE/.lock"
flock 9
if [ ! -f "$tree/Makefile" ]; then
	need xz-utils dpkg tar >&2
	stage "fetching the source of Linux 7.3 (167 MB)" >&2
	work=$(mktemp -d "$CACHE/fetch.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	cd "$work"
	fetch_package trixie-backports linux-source-7.3
	stage "unpacking it" >&2
	logged fetch-tar tar xf deb/usr/src/linux-source-7.3.tar.xz >&2
	# Whole or not at all.
	mv linux-source-7.3 "$tree"
	cd /
fi
echo "$tree"
