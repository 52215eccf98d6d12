#!/bin/bash
# job 60
# if: tools/testing/relay/Makefile
# Hostile recordings, streams and compressed frames, under the sanitizers: RUNS inputs of a
# coverage-guided fuzzer.
. "$(dirname "$0")/../lib.sh"
need clang libc6-dev libjson-c-dev libisal-dev libzstd-dev
dir=$BUILD/recordings
mkdir -p "$dir/headers/uapi/linux"
ctl=$ROOT/tools/relay/relayctl tests=$ROOT/tools/testing/relay
ln -sf "$ROOT/include/uapi/linux/relay.h" "$dir/headers/uapi/linux/"
logged recordings clang -g -O2 -std=gnu11 -Wall -Wextra -Werror -Wno-unused-parameter -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 \
	-fsanitize=address,undefined,fuzzer -fno-sanitize-recover=all -Wl,--wrap=open64,--wrap=close,--wrap=fstat64,--wrap=pread64,--wrap=read \
	-iquote "$dir/headers" -iquote "$tests" -I"$ctl" -I"$ROOT/tools/relay/librelay" -I/usr/include/json-c \
	-o "$dir/recording-fuzz" "$tests/recording-fuzz.c" "$ctl"/{recording,data,compress-zstd,stream-in,text}.c -ljson-c -lisal -lzstd
seed=${SEED:-$RANDOM}
echo "# seed $seed"
cd "$dir" || exit 1
# An input may cost what its index says, 64 KiB for a sub-buffer, and what zstd needs.
if ASAN_OPTIONS=detect_leaks=0 ./recording-fuzz -runs="${RUNS:-100000}" -seed="$seed" -max_len=8000 -timeout=20 -malloc_limit_mb=4 \
	-close_fd_mask=2 -print_final_stats=1 >fuzz.log 2>&1; then
	grep 'number_of_executed_units' fuzz.log | sed 's/^/# /'
	echo "ok 1 - hostile recordings"
else
	tail -n 40 fuzz.log | sed 's/^/# /'
	echo "not ok 1 - hostile recordings"
	exit 1
fi
