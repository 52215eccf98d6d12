#!/bin/bash
# job 60
# kernels: x86_64
# CPUs come and go under a running relayctl record. (A CPU that must calibrate its delay
# loop may wait for ever, on a busy host, for a tick of the CPU that brings it up, which
# is idle: lpj= spares it that.)
boot/tools.sh && exec boot/sample-run.sh x86_64 -a "maxcpus=1 lpj=10000000" -f boot/guest/tools.sh -f build/relay-tools/relayctl \
	-f build/relay-tools/sample-check -- boot/guest/relayctl-hotplug.sh "${RECORDS:-10000}" "${SEED:-1}"
