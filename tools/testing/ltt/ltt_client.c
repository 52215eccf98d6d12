// SPDX-License-Identifier: GPL-2.0
/*
 * A module that has its own trace, and describes and writes events without a tracepoint.
 */
#include <linux/err.h>
#include <linux/ltt.h>
#include <linux/module.h>
#include <linux/sizes.h>

static unsigned int n = 1000;
module_param(n, uint, 0444);
MODULE_PARM_DESC(n, "events of each kind that are written");

static const struct ltt_field client_fields[] = {
	{ .name = "number", .size = 4, .element = 4 },
	{ .name = "square", .offset = 4, .size = 8, .element = 8 },
};

static const struct ltt_event client_event = {
	.name = "client_square", .fields = client_fields, .n_fields = 2, .fixed = 12,
};

static struct ltt_trace *client_trace;

/* Discard every third event, as a client that fails between reserve and commit. */
static int client_reserved(unsigned int id, u32 number)
{
	const u64 square = (u64)number * number;
	struct ltt_slot slot;
	int err = ltt_reserve(client_trace, &slot, id, 12);

	if (err)
		return err;
	memcpy(slot.slot.data, &number, sizeof(number));
	memcpy(slot.slot.data + sizeof(number), &square, sizeof(square));
	if (number % 3)
		relay_slot_commit(&slot.slot);
	else
		ltt_discard(client_trace, &slot.slot);
	return 0;
}

static int client_write(unsigned int id)
{
	for (u32 i = 0; i < n; i++) {
		const u64 square = (u64)i * i;
		const struct ltt_part parts[] = {
			{ &i, sizeof(i) }, { &square, sizeof(square) },
		};
		int err = client_reserved(id, i);

		if (err)
			return err;
		ltt_write(client_trace, id, NULL, parts, ARRAY_SIZE(parts));
	}
	return 0;
}

static int __init client_init(void)
{
	const struct ltt_params params = {
		.name = "client", .subbuf_size = SZ_64K, .n_subbufs = 8, .metadata_size = SZ_16K,
		.flags = LTT_OVERWRITE | LTT_MEMORY,
	};
	int id, err;

	client_trace = ltt_trace_create(&params);
	if (IS_ERR(client_trace))
		return PTR_ERR(client_trace);
	id = ltt_trace_describe(client_trace, &client_event);
	err = id < 0 ? id : client_write(id);
	if (err)
		ltt_trace_destroy(client_trace);
	return err;
}

static void __exit client_exit(void)
{
	ltt_trace_destroy(client_trace);
}

module_init(client_init);
module_exit(client_exit);
MODULE_DESCRIPTION("LTT: a module's own trace");
MODULE_LICENSE("GPL");
