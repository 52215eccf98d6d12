// SPDX-License-Identifier: GPL-2.0
/*
 * Traces as text, where the libraries for it were not there when relayctl was built.
 */
#include "convert.h"
#include "relayctl.h"

/**
 * convert_text - say that it cannot be done
 * @convert: what was told
 *
 * Return: EXIT_USAGE.
 */
int convert_text(const struct convert *convert)
{
	(void)convert;
	say("relayctl convert: this relayctl was built without libbabeltrace2 or libtraceevent");
	return EXIT_USAGE;
}
