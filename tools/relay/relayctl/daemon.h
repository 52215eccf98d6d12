/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_DAEMON_H
#define _RELAYCTL_DAEMON_H

#include <stdbool.h>

/**
 * struct daemon - a process that goes into the background
 * @wanted:	it is to go there
 * @pidfile:	the file that has its number while it runs; NULL: none
 * @to_parent:	tells the process that waits that all is well
 */
struct daemon {
	bool		wanted;
	const char	*pidfile;
	int		to_parent;
};

int daemon_fork(struct daemon *daemon);
int daemon_write_pidfile(const struct daemon *daemon);
int daemon_detach(struct daemon *daemon);
void daemon_end(const struct daemon *daemon);

#endif /* _RELAYCTL_DAEMON_H */
