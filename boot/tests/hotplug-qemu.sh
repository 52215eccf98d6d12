#!/bin/sh
# job 40
# kernels: x86_64
# A CPU goes offline and comes back while the sample writes on it.
exec boot/sample-run.sh x86_64 -- boot/guest/hotplug.sh "${RECORDS:-20000}" "${SEED:-1}"
