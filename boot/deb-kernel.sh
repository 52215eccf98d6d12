#!/bin/bash
# build/deb-kernel/*.deb: the patched kernel as packages to install, by the tree's own
# bindeb-pkg. CONFIG=FILE is its configuration, by default that of the running kernel; relay,
# relayfs and the reserved area are enabled.
. "$(dirname "$0")/lib.sh"
need debhelper gcc make libc6-dev flex bison bc libelf-dev libdw-dev libssl-dev cpio kmod rsync xz-utils python3 ccache
config=${CONFIG:-/boot/config-$(uname -r)} o=$BUILD/deb-kernel/obj
[ -f "$config" ] || die "no $config: give the configuration of the machine as CONFIG=FILE"
"$ROOT/boot/source.sh"
rm -f "$BUILD"/deb-kernel/*.deb
mkdir -p "$o"
cp "$config" "$o/.config"
# Those that the distribution signs with are not here.
"$BUILD/src/scripts/config" --file "$o/.config" -e RELAY -e RELAYFS_FS -e RELAY_RESERVED \
	--set-str SYSTEM_TRUSTED_KEYS '' --set-str SYSTEM_REVOCATION_KEYS ''
stage "compiling the kernel of the packages"
logged deb-kernel kmake "$o" x86_64 olddefconfig
for option in RELAY RELAYFS_FS RELAY_RESERVED; do
	grep -q "^CONFIG_$option=y" "$o/.config" || die "$config does not allow CONFIG_$option"
done
logged deb-kernel kmake "$o" x86_64 bindeb-pkg
ls "$BUILD"/deb-kernel/linux-image-*.deb
