// SPDX-License-Identifier: GPL-2.0
/*
 * lttng_session [CONTEXT...] -- COMMAND [ARG...]: runs a command while lttng-modules records
 * sched_switch, with the ioctls of /proc/lttng, into a flight recorder of the size that
 * bench-ltt.sh gives to its instances. A context is tid, interruptible, preemptible or
 * need_reschedule, a field that each event gets. Prints the bytes that the command's time has
 * added to the buffers; its exit status is that of the command.
 */
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <lttng/abi.h>
/* The ring buffer's ioctls; the header has the kernel's functions, too. */
#define SNAPSHOT_GET_PRODUCED		_IOR(0xF6, 0x02, unsigned long)
#define SNAPSHOT_SAMPLE_POSITIONS	_IO(0xF6, 0x0E)

#define MAX_STREAMS	64

static const struct {
	const char	*name;
	uint32_t	number;
} contexts[] = {
	{ "tid", LTTNG_KERNEL_ABI_CONTEXT_TID },
	{ "interruptible", LTTNG_KERNEL_ABI_CONTEXT_INTERRUPTIBLE },
	{ "preemptible", LTTNG_KERNEL_ABI_CONTEXT_PREEMPTIBLE },
	{ "need_reschedule", LTTNG_KERNEL_ABI_CONTEXT_NEED_RESCHEDULE },
};

static int streams[MAX_STREAMS], n_streams;

static int command(int fd, unsigned long number, void *argument, const char *what)
{
	int result = ioctl(fd, number, argument);

	if (result < 0)
		err(125, "%s", what);
	return result;
}

static void add_context(int channel, const char *name)
{
	struct lttng_kernel_abi_context context = {};
	size_t i;

	for (i = 0; i < sizeof(contexts) / sizeof(*contexts); i++) {
		if (!strcmp(contexts[i].name, name)) {
			context.ctx = contexts[i].number;
			command(channel, LTTNG_KERNEL_ABI_CONTEXT, &context, name);
			return;
		}
	}
	errx(125, "no such context: %s", name);
}

static unsigned long produced(void)
{
	unsigned long position, sum = 0;
	int i;

	for (i = 0; i < n_streams; i++) {
		command(streams[i], SNAPSHOT_SAMPLE_POSITIONS, NULL, "sample positions");
		command(streams[i], SNAPSHOT_GET_PRODUCED, &position, "get produced");
		sum += position;
	}
	return sum;
}

static int run(char **argv)
{
	int status;

	switch (fork()) {
	case -1:
		err(125, "fork");
	case 0:
		execvp(*argv, argv);
		err(127, "%s", *argv);
	}
	if (wait(&status) < 0)
		err(125, "wait");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 125;
}

int main(int argc, char **argv)
{
	struct lttng_kernel_abi_channel geometry = {
		.subbuf_size = 65536, .num_subbuf = 16, .overwrite = 1,
		.output = LTTNG_KERNEL_ABI_MMAP,
	};
	struct lttng_kernel_abi_event sched_switch = {
		.name = "sched_switch", .instrumentation = LTTNG_KERNEL_ABI_TRACEPOINT,
	};
	int control, session, channel, event, status, i;
	struct lttng_kernel_abi_tracer_version version;
	unsigned long before;

	control = open("/proc/lttng", O_RDWR | O_CLOEXEC);
	if (control < 0)
		err(125, "/proc/lttng");
	command(control, LTTNG_KERNEL_ABI_TRACER_VERSION, &version, "version");
	session = command(control, LTTNG_KERNEL_ABI_SESSION, NULL, "session");
	channel = command(session, LTTNG_KERNEL_ABI_CHANNEL, &geometry, "channel");
	for (i = 1; i < argc && strcmp(argv[i], "--"); i++)
		add_context(channel, argv[i]);
	if (i + 1 >= argc)
		errx(125, "no command");
	event = command(channel, LTTNG_KERNEL_ABI_EVENT, &sched_switch, "event");
	command(event, LTTNG_KERNEL_ABI_ENABLE, NULL, "enable event");
	/* One for each CPU, until there is no other. */
	while (n_streams < MAX_STREAMS) {
		streams[n_streams] = ioctl(channel, LTTNG_KERNEL_ABI_STREAM);
		if (streams[n_streams] < 0)
			break;
		n_streams++;
	}
	command(session, LTTNG_KERNEL_ABI_SESSION_START, NULL, "start");
	before = produced();
	status = run(argv + i + 1);
	printf("lttng version=%u.%u.%u produced=%lu\n", version.major, version.minor,
	       version.patchlevel, produced() - before);
	return status;
}
