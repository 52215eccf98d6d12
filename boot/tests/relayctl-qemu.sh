#!/bin/bash
# job 60
# kernels: x86_64
# CPUs come and go under a running relayctl record.
boot/tools.sh && exec boot/sample-run.sh x86_64 -a maxcpus=1 -f boot/guest/tools.sh -f build/relay-tools/relayctl \
	-f build/relay-tools/sample-check -- boot/guest/relayctl-hotplug.sh "${RECORDS:-10000}" "${SEED:-1}"
