// SPDX-License-Identifier: GPL-2.0
/*
 * The first program of the i386 guest, where nothing of the host's runs: sends the
 * bank of another kernel to the host, and locks itself down. See
 * boot/reserved-i386.sh.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#define RESERVED	"/sys/kernel/relay/reserved"
#define LOCKDOWN	"/sys/kernel/security/lockdown"
#define PAGE		4096

static void copy(int from, int to)
{
	char page[PAGE];
	ssize_t got;

	while ((got = read(from, page, PAGE)) > 0)
		for (ssize_t at = 0, put; at < got; at += put) {
			put = write(to, page + at, got - at);
			if (put <= 0)
				return;
		}
}

static void show(const char *path)
{
	int fd = open(path, O_RDONLY);

	dprintf(1, "== %s\n", path);
	if (fd < 0)
		perror(path);
	else
		copy(fd, 1);
	close(fd);
}

/* As it is: to the host, through a port of its own. */
static void send_bank(const char *port)
{
	int from = open(RESERVED "/bank0", O_RDONLY), to = open(port, O_RDWR | O_NOCTTY);
	struct termios raw;

	tcgetattr(to, &raw);
	cfmakeraw(&raw);
	tcsetattr(to, TCSANOW, &raw);
	copy(from, to);
	tcdrain(to);
	close(to);
	close(from);
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
	show(RESERVED "/status");
	send_bank("/dev/ttyS2");
	lock_down();
	show(RESERVED "/bank0");
	show(RESERVED "/bank1");
	dprintf(1, "== end\n");
	sync();
	reboot(RB_AUTOBOOT);
	return 1;
}
