#!/bin/sh
# job 190
# kernels: x86_64-kcsan
# A minute of writers, NMIs among them, and readers under the concurrency
# sanitizer: no report. It sleeps unless it is told to start; and it watches one
# access in 4000, too few to meet a race in a minute of emulation.
exec boot/sample-run.sh x86_64-kcsan -a "kcsan.early_enable=1 kcsan.skip_watch=200 relayres=8M@256M" -- \
	boot/guest/client.sh "${RECORDS:-5000}" "${SEED:-1}" nmi
