#!/bin/bash
# job 5
# The user ABI's header alone, in C and C++, for 32 and 64 bits: the same layout.
. boot/lib.sh
need gcc g++ gcc-multilib
out=$BUILD/uapi n=0
mkdir -p "$out/linux"
cp include/uapi/linux/relay.h include/uapi/linux/ltt.h "$out/linux/"
cat >"$out/sizes.c" <<'EOF'
#include <linux/ltt.h>
#include <linux/relay.h>
#ifdef __cplusplus
#define _Static_assert static_assert
#endif
#define SIZE(type, size) _Static_assert(sizeof(struct type) == (size), #type)
SIZE(relay_subbuf_info, 48);
SIZE(relay_subbuf_desc, 56);
SIZE(relay_meta, 64);
SIZE(relay_info, 56);
SIZE(relay_subbuf_get, 64);
SIZE(relay_subbuf_put, 16);
SIZE(relay_counters, 104);
SIZE(relay_all_header, 72);
SIZE(relay_ring_layout, 56);
_Static_assert(__builtin_offsetof(struct relay_ring_layout, check) == 52, "check");
_Static_assert(__builtin_offsetof(struct relay_ring_layout, last_time) == 54, "last_time");
SIZE(relay_bank, 416);
SIZE(relay_bank_channel, 168);
SIZE(relay_bank_seal, 16);
_Static_assert(RELAY_ABI_VERSION == 1 && RELAY_BANK_FORMAT == 4, "versions");
SIZE(ltt_packet, 80);
SIZE(ltt_metadata_length, 8);
SIZE(ltt_metadata, 48);
SIZE(ltt_context, 8);
_Static_assert(__builtin_offsetof(struct ltt_packet, begin) == 24, "begin");
_Static_assert(__builtin_offsetof(struct ltt_metadata, length) == 32, "length");
_Static_assert(LTT_METADATA_VERSION == 2 && LTT_ID_SHORT == 29 && LTT_ID_MEDIUM == 30 && LTT_SHORT_TIME_BITS == 16 && LTT_EVENT_FIRST == 12, "the format of a trace");
_Static_assert(RELAY_GET_INFO == 0x8038f000U, "RELAY_GET_INFO");
_Static_assert(RELAY_PUT_SUBBUF == 0xc010f002U, "RELAY_PUT_SUBBUF");
_Static_assert(RELAY_SET_WATERMARK == 0x4004f006U, "RELAY_SET_WATERMARK");
_Static_assert(RELAY_GET_TRIGGERS == 0x8004f007U, "RELAY_GET_TRIGGERS");
EOF
for bits in 32 64; do
	for language in "c -std=c11" c++; do
		n=$((n + 1))
		# shellcheck disable=SC2086
		if gcc -x $language -m$bits -Wall -Wextra -Wpadded -pedantic -Werror -I"$out" -fsyntax-only "$out/sizes.c"; then
			echo "ok $n - $bits bits, ${language% *}"
		else
			echo "not ok $n - $bits bits, ${language% *}"
		fi
	done
done
