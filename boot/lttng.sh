#!/bin/bash
# lttng.sh: build lttng-modules, with which LTT is compared, for the kernel x86_64: build/lttng has
# the modules, a clock for them, and the program that starts a session. Debian's package is fetched
# into the cache, once.
. "$(dirname "$0")/lib.sh"
need_to_compile
kernel_env
version=2.16
tree=$CACHE/lttng-modules-$version o=$BUILD/lttng

mkdir -p "$CACHE"
exec 9>"$CACHE/.lock"
flock 9
if [ ! -f "$tree/src/Kbuild" ]; then
	need dpkg tar
	stage "fetching lttng-modules $version (0.3 MB)"
	work=$(mktemp -d "$CACHE/fetch.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	cd "$work"
	fetch_package sid lttng-modules-dkms
	found=$(ls deb/usr/src)
	[[ $found == lttng-modules-$version.* ]] || die "Debian has no lttng-modules $version any more: $found"
	# Whole or not at all.
	mv "deb/usr/src/$found" "$tree"
fi
cd "$ROOT"
flock -u 9

stage "compiling lttng-modules"
mkdir -p "$o/modules" "$o/obj" "$o/clock"
# In the order in which they are loaded.
modules="lttng-wrapper lttng-clock lib/lttng-lib-ring-buffer lib/lttng-counter lttng-statedump lttng-tracer"
modules+=" lttng-ring-buffer-client-mmap-overwrite probes/lttng-probe-sched"
# shellcheck disable=SC2046,SC2086
logged lttng kmake "$BUILD/x86_64" x86_64 M="$tree/src" MO="$o/obj" CONFIG_LTTNG=m $(printf '%s.ko ' $modules)
logged lttng-clock kmake "$BUILD/x86_64" x86_64 M="$ROOT/boot/lttng" MO="$o/clock" LTTNG="$tree" \
	KBUILD_EXTRA_SYMBOLS="$o/obj/Module.symvers" modules
logged lttng-session gcc -static -O2 -Wall -Wextra -I"$tree/include" -o "$o/lttng_session" boot/lttng/lttng_session.c
rm -f "$o"/modules/*
for module in $modules; do
	cp "$o/obj/$module.ko" "$o/modules"
	basename "$module" >>"$o/modules/order"
done
cp "$o/clock/lttng_clock_tsc.ko" "$o/modules"
