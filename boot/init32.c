// SPDX-License-Identifier: GPL-2.0
/*
 * The first program of the i386 guest, where nothing of the host's runs: holds
 * what another kernel has recorded against its witness, and locks itself down.
 * See boot/reserved-i386.sh.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PREVIOUS	"/sys/kernel/relay/reserved/previous"
#define CHANNEL		PREVIOUS "/relay-sample"
#define LOCKDOWN	"/sys/kernel/security/lockdown"
#define WITNESS		0x8000000
#define PAGE		4096

static void copy(int from, int to, size_t most)
{
	char page[PAGE];
	ssize_t got;

	while (most && (got = read(from, page, most < PAGE ? most : PAGE)) > 0) {
		if (write(to, page, got) != got)
			return;
		most -= got;
	}
}

static void show(const char *path)
{
	int fd = open(path, O_RDONLY);

	dprintf(1, "== %s\n", path);
	if (fd < 0)
		perror(path);
	else
		copy(fd, 1, -1);
	close(fd);
}

static void keep_witness(void)
{
	int mem = open("/dev/mem", O_RDONLY);
	int fd = open("/witness", O_WRONLY | O_CREAT, 0600);

	if (lseek(mem, WITNESS, SEEK_SET) == WITNESS)
		copy(mem, fd, PAGE);
	close(fd);
	close(mem);
}

static void check(int cpu)
{
	char path[128];

	snprintf(path, sizeof(path), CHANNEL "/cpu%d", cpu);
	if (!fork()) {
		dprintf(1, "== %s\n", path);
		dup2(open(path, O_RDONLY), 0);
		execl("/sample-check", "sample-check", "-w", "/witness", "-", NULL);
		_exit(1);
	}
	wait(NULL);
}

/* There is no way back: the kernel's secrets are none of root's business. */
static void lock_down(void)
{
	int fd;

	mount("security", "/sys/kernel/security", "securityfs", 0, NULL);
	fd = open(LOCKDOWN, O_WRONLY);
	dprintf(1, "== %s\n", LOCKDOWN);
	if (write(fd, "confidentiality", 15) != 15)
		perror(LOCKDOWN);
	close(fd);
}

int main(void)
{
	int out;

	mount("proc", "/proc", "proc", 0, NULL);
	mount("sys", "/sys", "sysfs", 0, NULL);
	mount("dev", "/dev", "devtmpfs", 0, NULL);
	mount("none", "/sys/kernel/relay", "relayfs", 0, NULL);
	out = open("/dev/ttyS1", O_RDWR);
	dup2(out, 1);
	dup2(out, 2);
	keep_witness();
	show(PREVIOUS "/crash");
	show(CHANNEL "/stats");
	for (int cpu = 0; cpu < 4; cpu++)
		check(cpu);
	lock_down();
	show(CHANNEL "/cpu0");
	show(CHANNEL "/all");
	show(CHANNEL "/private");
	dprintf(1, "== end\n");
	sync();
	reboot(RB_AUTOBOOT);
	return 1;
}
