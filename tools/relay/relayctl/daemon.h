/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_DAEMON_H
#define _RELAYCTL_DAEMON_H

#include <stdbool.h>

/**
 * struct daemon - options and state of --daemon and --pidfile
 * @wanted:	--daemon was given
 * @pidfile:	file for the PID; NULL for none
 * @to_parent:	write end of the pipe to the waiting parent
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
