// SPDX-License-Identifier: GPL-2.0
/*
 * The sizes of events, as the compiler computes them. ltt_test_sizes() includes the headers of
 * trace events once more: each class becomes its structure, as in trace_events.h, and each
 * event a call with the structure's size. So these are the sizes that probes reserve, and they
 * do not depend on the field descriptions that the kernel keeps for ftrace.
 */
#include <linux/stringify.h>
#include <linux/trace_events.h>
#include "sizes.h"

#define HEADERS "sizes_headers.h"

#include HEADERS

#undef TRACE_DEFINE_ENUM
#define TRACE_DEFINE_ENUM(a)
#undef TRACE_DEFINE_SIZEOF
#define TRACE_DEFINE_SIZEOF(a)

#undef DECLARE_TRACE
#define DECLARE_TRACE(name, proto, args)
#undef DECLARE_TRACE_CONDITION
#define DECLARE_TRACE_CONDITION(name, proto, args, cond)
#undef DECLARE_TRACE_EVENT
#define DECLARE_TRACE_EVENT(name, proto, args)
#undef DECLARE_TRACE_EVENT_CONDITION
#define DECLARE_TRACE_EVENT_CONDITION(name, proto, args, cond)
#undef TRACE_EVENT_FLAGS
#define TRACE_EVENT_FLAGS(name, value)
#undef TRACE_EVENT_PERF_PERM
#define TRACE_EVENT_PERF_PERM(name, expr...)

#include <trace/stages/stage1_struct_define.h>

#undef DECLARE_EVENT_CLASS
#define DECLARE_EVENT_CLASS(name, proto, args, tstruct, assign, print)	\
	struct ltt_test_raw_##name {					\
		struct trace_entry	ent;				\
		tstruct							\
		char			__data[];			\
	}
#undef DEFINE_EVENT
#define DEFINE_EVENT(template, name, proto, args)			\
do {									\
	static const struct ltt_test_size size = {			\
		__stringify(TRACE_SYSTEM), #name,			\
		sizeof(struct ltt_test_raw_##template),			\
		offsetof(struct ltt_test_raw_##template, __data),	\
	};								\
									\
	func(&size, data);						\
} while (0)

#undef DEFINE_EVENT_FN
#define DEFINE_EVENT_FN(template, name, proto, args, reg, unreg)	\
	DEFINE_EVENT(template, name, PARAMS(), PARAMS())
#undef DEFINE_EVENT_PRINT
#define DEFINE_EVENT_PRINT(template, name, proto, args, print)		\
	DEFINE_EVENT(template, name, PARAMS(), PARAMS())
#undef DEFINE_EVENT_CONDITION
#define DEFINE_EVENT_CONDITION(template, name, proto, args, cond)	\
	DEFINE_EVENT(template, name, PARAMS(), PARAMS())
#undef TRACE_EVENT
#define TRACE_EVENT(name, proto, args, tstruct, assign, print)		\
	DECLARE_EVENT_CLASS(name, PARAMS(), PARAMS(), PARAMS(tstruct), PARAMS(), PARAMS());	\
	DEFINE_EVENT(name, name, PARAMS(), PARAMS())
#undef TRACE_EVENT_FN
#define TRACE_EVENT_FN(name, proto, args, tstruct, assign, print, reg, unreg)	\
	TRACE_EVENT(name, PARAMS(), PARAMS(), PARAMS(tstruct), PARAMS(), PARAMS())
#undef TRACE_EVENT_FN_COND
#define TRACE_EVENT_FN_COND(name, proto, args, cond, tstruct, assign, print, reg, unreg)	\
	TRACE_EVENT(name, PARAMS(), PARAMS(), PARAMS(tstruct), PARAMS(), PARAMS())
#undef TRACE_EVENT_CONDITION
#define TRACE_EVENT_CONDITION(name, proto, args, cond, tstruct, assign, print)	\
	TRACE_EVENT(name, PARAMS(), PARAMS(), PARAMS(tstruct), PARAMS(), PARAMS())
#undef TRACE_EVENT_SYSCALL
#define TRACE_EVENT_SYSCALL(name, proto, args, tstruct, assign, print, reg, unreg)	\
	TRACE_EVENT(name, PARAMS(), PARAMS(), PARAMS(tstruct), PARAMS(), PARAMS())
#undef DECLARE_EVENT_CLASS_NOP
#define DECLARE_EVENT_CLASS_NOP(name, proto, args, tstruct, assign, print)
#undef DEFINE_EVENT_NOP
#define DEFINE_EVENT_NOP(template, name, proto, args)
#undef TRACE_EVENT_NOP
#define TRACE_EVENT_NOP(name, proto, args, tstruct, assign, print)

#define TRACE_HEADER_MULTI_READ

/**
 * ltt_test_sizes - call a function with the sizes of each event in sizes_headers.h
 * @func:	the function
 * @data:	passed to @func
 *
 * An event may be missing from the running kernel's configuration.
 */
void ltt_test_sizes(ltt_test_size_func func, void *data)
{
#include HEADERS
}
