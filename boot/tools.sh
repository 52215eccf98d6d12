#!/bin/bash
# tools.sh [arm64]: build tools/relay into build/relay-tools, or relay-tools-arm64.
. "$(dirname "$0")/lib.sh"
o=relay-tools options=()
case ${1-} in
arm64)
	need_for_arm64
	root=$("$ROOT/boot/arm64-root.sh" | tail -n 1)
	o+=-arm64
	options=(CC="clang-19 --target=aarch64-linux-gnu" AR=llvm-ar-19 OBJCOPY=llvm-objcopy-19
		CFLAGS="-g -O2 -I$root/usr/include" LDFLAGS="-fuse-ld=lld-19 -L$root/usr/lib -L$root/lib" JSON_CFLAGS="-I$root/usr/include/json-c" JSON_LIBS=-ljson-c) ;;
*) need gcc make libc6-dev pkg-config libjson-c-dev libelf-dev libisal-dev libkdumpfile-dev libbabeltrace2-dev libtraceevent-dev libzstd-dev ;;
esac
exec 8>"$BUILD/.relay-tools.lock"
flock 8
logged $o make -C "$ROOT/tools/relay" O="$BUILD/$o" "${options[@]}" all examples
