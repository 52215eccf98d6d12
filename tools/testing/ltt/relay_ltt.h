/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events of all shapes that TRACE_EVENT() has fields for. Each prints its fields as
 * NAME=VALUE, so that a test can compare them.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM relay_ltt

#if !defined(_RELAY_LTT_H) || defined(TRACE_HEADER_MULTI_READ)
#define _RELAY_LTT_H

#include <linux/tracepoint.h>

#ifndef RELAY_LTT_TYPES
#define RELAY_LTT_TYPES
struct relay_ltt_pair { u8 a; u32 b; };
enum relay_ltt_color { RELAY_LTT_RED = 3, RELAY_LTT_GREEN = 5 };
void relay_ltt_inside(int n);
#endif

TRACE_DEFINE_ENUM(RELAY_LTT_RED);
TRACE_DEFINE_ENUM(RELAY_LTT_GREEN);

TRACE_EVENT(shape_small,
	TP_PROTO(int n), TP_ARGS(n),
	TP_STRUCT__entry(__field(u8, byte)),
	TP_fast_assign(__entry->byte = n;),
	TP_printk("byte=%u", __entry->byte)
);

TRACE_EVENT(shape_integers,
	TP_PROTO(int n), TP_ARGS(n),
	TP_STRUCT__entry(
		__field(u8, u_8) __field(s64, s_64) __field(s8, s_8) __field(u16, u_16)
		__field(s16, s_16) __field(bool, truth) __field(u32, u_32) __field(s32, s_32)
		__field(u64, u_64) __field(unsigned long, word) __field(long, sword)
	),
	TP_fast_assign(
		__entry->u_8 = n; __entry->s_8 = -n; __entry->u_16 = n * 3; __entry->s_16 = -n * 3;
		__entry->u_32 = n * 70000U; __entry->s_32 = -n * 70000; __entry->truth = n & 1;
		__entry->u_64 = n * 5000000000ULL; __entry->s_64 = -n * 5000000000LL;
		__entry->word = n * 100UL; __entry->sword = -n * 100L;
	),
	TP_printk("u_8=%u s_64=%lld s_8=%d u_16=%u s_16=%d truth=%d u_32=%u s_32=%d u_64=%llu word=%lu sword=%ld",
		  __entry->u_8, __entry->s_64, __entry->s_8, __entry->u_16, __entry->s_16,
		  __entry->truth, __entry->u_32, __entry->s_32, __entry->u_64, __entry->word,
		  __entry->sword)
);

TRACE_EVENT(shape_arrays,
	TP_PROTO(int n), TP_ARGS(n),
	TP_STRUCT__entry(
		__array(char, name, 16) __array(u8, bytes, 3) __array(u16, shorts, 3)
		__array(u32, words, 2) __array(u64, longs, 2) __field(u8, last)
	),
	TP_fast_assign(
		snprintf(__entry->name, 16, "name %d", n);
		for (int i = 0; i < 3; i++) {
			__entry->bytes[i] = n + i;
			__entry->shorts[i] = n * 2 + i;
			__entry->words[i % 2] = n * 3 + i;
			__entry->longs[i % 2] = n * 4 + i;
		}
		__entry->last = 77;
	),
	TP_printk("name=\"%s\" bytes=%s shorts=%s words=%s longs=%s last=%u", __entry->name,
		  __print_array(__entry->bytes, 3, 1), __print_array(__entry->shorts, 3, 2),
		  __print_array(__entry->words, 2, 4), __print_array(__entry->longs, 2, 8),
		  __entry->last)
);

TRACE_EVENT(shape_strings,
	TP_PROTO(int n, const char *text), TP_ARGS(n, text),
	TP_STRUCT__entry(
		__string(first, text) __field(u8, between) __string(second, text)
		__string_len(part, text, min_t(int, n % 7, strlen(text)))
	),
	TP_fast_assign(
		__assign_str(first); __entry->between = n; __assign_str(second); __assign_str(part);
	),
	TP_printk("first=\"%s\" between=%u second=\"%s\" part=\"%s\"", __get_str(first),
		  __entry->between, __get_str(second), __get_str(part))
);

TRACE_EVENT(shape_dynamic,
	TP_PROTO(int n), TP_ARGS(n),
	TP_STRUCT__entry(
		__field(u64, head)
		__dynamic_array(u8, bytes, n % 5) __dynamic_array(u16, shorts, n % 4)
		__dynamic_array(u32, words, n % 3) __dynamic_array(u64, longs, n % 2)
		__field(u16, last)
	),
	TP_fast_assign(
		__entry->head = n;
		for (int i = 0; i < n % 5; i++)
			((u8 *)__get_dynamic_array(bytes))[i] = n + i;
		for (int i = 0; i < n % 4; i++)
			((u16 *)__get_dynamic_array(shorts))[i] = n * 2 + i;
		for (int i = 0; i < n % 3; i++)
			((u32 *)__get_dynamic_array(words))[i] = n * 3 + i;
		for (int i = 0; i < n % 2; i++)
			((u64 *)__get_dynamic_array(longs))[i] = n * 4 + i;
		__entry->last = 4711;
	),
	TP_printk("head=%llu bytes=%s shorts=%s words=%s longs=%s last=%u", __entry->head,
		  __print_array(__get_dynamic_array(bytes), __get_dynamic_array_len(bytes), 1),
		  __print_array(__get_dynamic_array(shorts),
				__get_dynamic_array_len(shorts) / 2, 2),
		  __print_array(__get_dynamic_array(words), __get_dynamic_array_len(words) / 4, 4),
		  __print_array(__get_dynamic_array(longs), __get_dynamic_array_len(longs) / 8, 8),
		  __entry->last)
);

TRACE_EVENT(shape_relative,
	TP_PROTO(int n, const char *text), TP_ARGS(n, text),
	TP_STRUCT__entry(
		__field(u8, head) __rel_string(text, text) __rel_dynamic_array(u32, words, n % 3)
		__field(u8, last)
	),
	TP_fast_assign(
		__entry->head = n; __assign_rel_str(text);
		for (int i = 0; i < n % 3; i++)
			((u32 *)__get_rel_dynamic_array(words))[i] = n + i;
		__entry->last = 3;
	),
	TP_printk("head=%u text=\"%s\" words=%s last=%u", __entry->head, __get_rel_str(text),
		  __print_array(__get_rel_dynamic_array(words),
				__get_rel_dynamic_array_len(words) / 4, 4), __entry->last)
);

TRACE_EVENT(shape_names,
	TP_PROTO(int n), TP_ARGS(n),
	TP_STRUCT__entry(
		__field(int, color) __field(u8, small) __field(unsigned int, bits)
	),
	TP_fast_assign(
		__entry->color = n & 1 ? RELAY_LTT_RED : RELAY_LTT_GREEN;
		__entry->small = n % 3; __entry->bits = n & 7;
	),
	TP_printk("color=%s small=%s bits=%u",
		  __print_symbolic(__entry->color, { RELAY_LTT_RED, "red" },
				   { RELAY_LTT_GREEN, "green \"x\"" }, { RELAY_LTT_RED, "again" }),
		  __print_symbolic(__entry->small, { 0, "zero" }, { 1 << 0, "one" }, { 0x2, "two" },
				   { 300, "too large" }),
		  __entry->bits)
);

TRACE_EVENT(shape_structure,
	TP_PROTO(int n), TP_ARGS(n),
	TP_STRUCT__entry(__field_struct(struct relay_ltt_pair, pair) __field(void *, pointer)),
	TP_fast_assign(
		__entry->pair = (struct relay_ltt_pair) { .a = n, .b = n * 2 };
		__entry->pointer = (void *)(long)(n * 16);
	),
	TP_printk("pointer=%lu", (unsigned long)__entry->pointer)
);

TRACE_EVENT(shape_mask,
	TP_PROTO(int n), TP_ARGS(n),
	TP_STRUCT__entry(__field(u8, head) __bitmask(bits, 100) __field(u8, last)),
	TP_fast_assign(
		unsigned long mask[BITS_TO_LONGS(100)] = { n };

		__entry->head = n; __assign_bitmask(bits, mask, 100); __entry->last = 9;
	),
	TP_printk("head=%u last=%u", __entry->head, __entry->last)
);

/* Its assignment takes an interrupt, in which there is another event. */
TRACE_EVENT(shape_outer,
	TP_PROTO(int n), TP_ARGS(n),
	TP_STRUCT__entry(__field(u32, before) __field(u32, after)),
	TP_fast_assign(__entry->before = n; relay_ltt_inside(n); __entry->after = n;),
	TP_printk("before=%u after=%u", __entry->before, __entry->after)
);

TRACE_EVENT(shape_inner,
	TP_PROTO(int n), TP_ARGS(n),
	TP_STRUCT__entry(__field(u32, n)),
	TP_fast_assign(__entry->n = n;),
	TP_printk("n=%u", __entry->n)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE relay_ltt
#include <trace/define_trace.h>
