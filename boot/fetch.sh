#!/bin/bash
# The pristine Linux 7.3 tree: prints its path as the last line. KDIR names the
# user's own; otherwise Debian's source package is fetched once, into the cache.
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
	mkdir -p "$work"/apt/lists/partial "$work"/apt/cache/archives/partial
	# The mirror that this machine uses anyway, another suite; lists of our own.
	uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | sort -u | grep '/debian/$' | head -1)
	[ -n "$uri" ] || die "no Debian mirror is configured (has apt-get update run?)"
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri trixie-backports main" \
		>"$work/apt/sources.list"
	apt() {
		apt-get -o Dir::Etc::sourcelist="$work/apt/sources.list" -o Dir::Etc::sourceparts=- \
			-o Dir::State::lists="$work/apt/lists" -o Dir::Cache="$work/apt/cache" \
			-o APT::Sandbox::User="$(id -un)" "$@"
	}
	cd "$work"
	logged fetch-update apt update >&2
	logged fetch-download apt download linux-source-7.3 >&2
	stage "unpacking it" >&2
	logged fetch-deb dpkg-deb -x linux-source-7.3_*.deb deb >&2
	logged fetch-tar tar xf deb/usr/src/linux-source-7.3.tar.xz >&2
	# Whole or not at all.
	mv linux-source-7.3 "$tree"
	cd /
fi
echo "$tree"
