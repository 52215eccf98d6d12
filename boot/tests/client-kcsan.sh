#!/bin/sh
# job 90
# kernels: x86_64-kcsan
# Writers, NMIs among them, and readers under the concurrency sanitizer.
exec boot/sample-run.sh x86_64-kcsan -t 600 -- boot/guest/client.sh "${RECORDS:-2000}" "${SEED:-1}" nmi
