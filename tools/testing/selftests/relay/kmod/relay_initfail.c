// SPDX-License-Identifier: GPL-2.0
/*
 * A module whose init function opens a channel, waits until a file of the channel is
 * open, closes the channel, and fails: the kernel frees the module while the file
 * is still open.
 */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/relay.h>

static DECLARE_COMPLETION(initfail_opened);

static void initfail_watched(struct rchan *chan, bool watched)
{
	if (watched)
		complete(&initfail_opened);
}

static const struct relay_channel_ops initfail_ops = {
	.watched = initfail_watched,
};

static int __init initfail_init(void)
{
	static const struct relay_params params = {
		.name = "selftest-initfail", .subbuf_size = 4096, .n_subbufs = 4,
		.ops = &initfail_ops,
	};
	struct rchan *chan = relay_open_params(&params);
	int err;

	if (IS_ERR(chan))
		return PTR_ERR(chan);
	err = wait_for_completion_killable(&initfail_opened);
	relay_close(chan);
	return err ? err : -EIO;
}

static void __exit initfail_exit(void)
{
}

module_init(initfail_init);
module_exit(initfail_exit);
MODULE_DESCRIPTION("A relay client whose init function fails");
MODULE_LICENSE("GPL");
