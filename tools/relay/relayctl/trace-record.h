/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RELAYCTL_TRACE_RECORD_H
#define _RELAYCTL_TRACE_RECORD_H

int trace_record_main(int argc, char **argv);

#endif /* _RELAYCTL_TRACE_RECORD_H */
