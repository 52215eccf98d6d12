// SPDX-License-Identifier: GPL-2.0
/*
 * A consumer of a relay channel, complete: prints what is delivered, a line for
 * each sub-buffer, until the channel is closed.
 *
 *	consume CHANNEL
 */
#include <stdio.h>
#include <relay/librelay.h>

static void use(const struct relay_subbuf *subbuf)
{
	printf("cpu %u, sub-buffer %llu: %u records in %zu bytes, %llu lost, %llu missed\n",
	       subbuf->cpu, (unsigned long long)subbuf->sequence, subbuf->records,
	       subbuf->used, (unsigned long long)subbuf->lost,
	       (unsigned long long)subbuf->missed);
}

int main(int argc, char **argv)
{
	const struct relay_subbuf *subbuf;
	struct relay_reader *reader;
	int err;

	if (argc != 2)
		return 2;
	err = relay_open(&reader, argv[1], 0);
	if (!err) {
		while ((err = relay_next(reader, &subbuf)) > 0) {
			use(subbuf);
			relay_release(reader, subbuf);
		}
		relay_close(reader);
	}
	if (err)
		fprintf(stderr, "%s: %s\n", argv[1], relay_strerror(err));
	return !!err;
}
