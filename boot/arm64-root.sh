#!/bin/bash
# Fetch Debian's busybox and libraries for arm64 into the cache, once; prints their folder
# as the last line. bin/ and lib/ are for the guest, usr/ is for the compiler. They are not
# installed, because they would conflict with this machine's own packages.
. "$(dirname "$0")/lib.sh"
root=$CACHE/arm64
packages="busybox-static libc6 libjson-c5 libjson-c-dev libelf1 libelf-dev libisal2 libisal-dev zlib1g"
mkdir -p "$CACHE"
exec 9>"$CACHE/.lock"
flock 9
if [ "$(cat "$root/.packages" 2>/dev/null)" != "$packages" ]; then
	need dpkg >&2
	stage "fetching programs and libraries for arm64 (4 MB)" >&2
	work=$(mktemp -d "$CACHE/fetch.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	mkdir -p "$work"/lists/partial "$work"/cache/archives/partial "$work"/all "$work"/root/{bin,lib,usr/lib}
	# The mirror that this machine uses anyway; lists of our own.
	apt() {
		apt-get -o Dir::State::lists="$work/lists" -o Dir::Cache="$work/cache" -o Dir::State::status=/dev/null \
			-o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User="$(id -un)" "$@"
	}
	cd "$work"
	logged arm64-update apt update >&2
	# shellcheck disable=SC2086
	logged arm64-download apt download $packages >&2
	for p in *.deb; do
		logged arm64-unpack dpkg-deb -x "$p" all >&2
	done
	cp all/bin/busybox root/bin/
	for lib in ld-linux-aarch64.so.1 libc.so.6 libjson-c.so.5 libelf.so.1 libisal.so.2 libz.so.1; do
		cp -L all/{,usr/}lib/aarch64-linux-gnu/$lib root/lib/ 2>/dev/null || [ -f root/lib/$lib ] || die "no $lib"
	done
	cp -r all/usr/include root/usr/
	for lib in json-c elf isal; do
		ln -s "../../lib/$(basename root/lib/lib$lib.so.*)" root/usr/lib/lib$lib.so
	done
	echo "$packages" >root/.packages
	# Whole or not at all.
	rm -rf "$root"
	mv root "$root"
	cd /
fi
echo "$root"
