// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Descriptions of errors, and the version.
 */
#include <errno.h>
#include <string.h>
#include "internal.h"

/**
 * relay_strerror - describe an error
 * @err: a negative return value of a function of librelay
 *
 * Return: the description; one from strerror() is valid until the next call.
 */
EXPORT const char *relay_strerror(int err)
{
	switch (-err) {
	case ENOTTY:
		return "Not a relay channel";
	case ESTALE:
		return "Another reader, or a reset of the channel, took sub-buffers";
	case ENXIO:
		return "The channel has no buffer of this CPU";
	case EPROTO:
		return "The kernel's relay ABI is older than this library knows";
	case EBUSY:
		return "Sub-buffers are held, or their pages are in a pipe";
	case EPERM:
		return "Not permitted (is the kernel locked down?)";
	default:
		return strerror(-err);
	}
}

/**
 * relay_version - version of the library
 *
 * Return: the version in the form of LIBRELAY_VERSION, which is that of the header that a
 * program was compiled with.
 */
EXPORT unsigned int relay_version(void)
{
	return LIBRELAY_VERSION;
}
