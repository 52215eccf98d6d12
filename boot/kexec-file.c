// SPDX-License-Identifier: GPL-2.0
/*
 * What kexec-tools does with kexec_file_load(), for a guest where Debian's kexec
 * does not run, as it needs the libraries of Xen:
 *
 *	kexec -s -l|-p KERNEL --initrd=FILE --append=COMMAND-LINE
 *	kexec -e
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/kexec.h>
#include <linux/reboot.h>

int main(int argc, char **argv)
{
	const char *initrd = NULL, *append = "", *kernel = NULL;
	unsigned long flags = 0;
	int i;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-e"))
			return syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2,
				       LINUX_REBOOT_CMD_KEXEC, NULL);
		if (!strcmp(argv[i], "-p"))
			flags = KEXEC_FILE_ON_CRASH;
		else if (!strncmp(argv[i], "--initrd=", 9))
			initrd = argv[i] + 9;
		else if (!strncmp(argv[i], "--append=", 9))
			append = argv[i] + 9;
		else if (*argv[i] != '-')
			kernel = argv[i];
	}
	if (!kernel || !initrd)
		return 2;
	if (!syscall(SYS_kexec_file_load, open(kernel, O_RDONLY), open(initrd, O_RDONLY),
		     strlen(append) + 1, append, flags))
		return 0;
	perror(kernel);
	return 1;
}
