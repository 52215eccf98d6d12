#!/bin/bash
# initramfs.sh OUT.cpio FILE[:PATH]...: make an initramfs from busybox and the host's own
# programs with their libraries. FILE is a program's name, a file or a directory; PATH is
# its path in the guest (default: the same). The archive is not compressed, because the
# emulated CPU takes longer to decompress than to copy. GUEST_ROOT may name a folder with
# the busybox and the libraries of another architecture (arm64-root.sh).
. "$(dirname "$0")/lib.sh"
out=$1; shift
root=$(mktemp -d "$BUILD/initramfs.XXXXXX")
trap 'rm -rf "$root"' EXIT
# The guest's / is everybody's to look into.
chmod 755 "$root"

# put FILE PATH: copy, and with an ELF file every library it names.
put() {
	mkdir -p "$(dirname "$root$2")"
	if [ -d "$1" ]; then
		mkdir -p "$root$2"
		cp -rL "$1/." "$root$2/"
		return
	fi
	cp -L "$1" "$root$2"
	[ "$(head -c 4 "$1" | tail -c 3 | tr -d "\0")" = ELF ] || return 0
	# ldd fails for static files and kernel modules: they need nothing.
	{ ldd "$1" 2>/dev/null | grep -oE '/[^ ]+' || true; } | while read -r lib; do
		[ -e "$root$lib" ] || { mkdir -p "$root$(dirname "$lib")"; cp -L "$lib" "$root$lib"; }
	done
}

mkdir -p "$root"/{bin,dev,proc,sys,tmp,run,etc,usr/bin,usr/sbin,sbin}
cp "${GUEST_ROOT-}/bin/busybox" "$root/bin/busybox"
[ -z "${GUEST_ROOT-}" ] || cp -r "$GUEST_ROOT/lib" "$root/"
# (One process for all the links: this runs before every boot.)
/bin/busybox --list | grep -vx busybox | ( cd "$root/bin" && perl -lne 'symlink "busybox", $_ or die "$_: $!"' )
cp "$ROOT/boot/qemu-init.sh" "$root/init"
for f; do
	src=${f%%:*} dst=
	case $f in *:*) dst=${f#*:} ;; esac
	case $src in
	*/*) ;;
	*) src=$(PATH=$PATH:/usr/sbin:/sbin command -v "$src") || die "no program $src" ;;
	esac
	src=$(realpath -s "$src")
	dst=${dst:-$src}
	# The host's program comes before busybox's of the same name.
	rm -f "$root/bin/$(basename "$dst")"
	put "$src" "$dst"
done
(cd "$root" && find . -print0 | LC_ALL=C sort -z | cpio -0 -o -H newc --quiet -R 0:0) >"$out"
