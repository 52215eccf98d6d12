#!/bin/bash
# kernel.sh NAME...: build the kernels um, um-debug, x86_64, x86_64-kcsan, x86_64-rt, i386,
# i386-ltt, arm64.
. "$(dirname "$0")/lib.sh"
need_to_compile
kernel_env
"$ROOT/boot/source.sh"

for name; do
	o=$BUILD/$name
	case $name in
	um) arch=um image=linux parts="common abi kunit block bpf ltt um" ;;
	um-debug) arch=um image=linux parts="common abi kunit ltt um um-debug" ;;
	x86_64) arch=x86_64 image=bzImage parts="common abi kunit block ltt x86_64-base x86_64" ;;
	x86_64-rt) arch=x86_64 image=bzImage parts="common abi kunit ltt x86_64-base tracer x86_64-rt" ;;
	x86_64-kcsan) arch=x86_64 image=bzImage parts="common x86_64-base x86_64-kcsan" ;;
	arm64)
		need_for_arm64
		arch=arm64 image=Image parts="common kunit arm64" ;;
	i386) arch=i386 image=bzImage parts="i386" ;;
	i386-ltt) arch=i386 image=bzImage parts="i386 ltt i386-ltt" ;;
	*) die "no such kernel: $name (um, um-debug, x86_64, x86_64-kcsan, x86_64-rt, i386, i386-ltt, arm64)" ;;
	esac
	mkdir -p "$o"
	exec 8>"$o/.lock"
	flock 8
	frags=()
	for p in $parts; do frags+=("$p.config"); done
	stage "configuring $name"
	kconfig "$o" $arch "${frags[@]}"
	stage "compiling $name"
	grep -q '^CONFIG_MODULES=y' "$o/.config" && image+=" modules"
	# shellcheck disable=SC2086
	logged "$name" kmake "$o" $arch $image
	# "make -C build/$name M=..." must know the architecture by itself.
	printf 'ARCH ?= %s\nexport ARCH\ninclude Makefile\n' $arch >"$o/GNUmakefile"
done
stage "ready: $*"
