#!/bin/sh
# job 60
# kernels: x86_64
# The same with NMIs that the CPUs send each other while they write.
exec boot/sample-run.sh x86_64 -- boot/guest/client.sh "${RECORDS:-5000}" "${SEED:-1}" nmi
