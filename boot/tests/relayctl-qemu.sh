#!/bin/bash
# job 80
# kernels: x86_64
# CPUs come and go under a running relayctl record; NMIs trigger its snapshots. (A CPU that
# must calibrate its delay loop may wait for ever, on a busy host, for a tick of the CPU that
# brings it up, which is idle: lpj= spares it that.)
. "$(dirname "$0")/../lib.sh"
boot/tools.sh
failed=0
# run SCRIPT OPTION... -- ARGUMENT...
run() {
	local script=$1 options=()
	shift
	while [ "$1" != -- ]; do options+=("$1"); shift; done
	boot/sample-run.sh x86_64 "${options[@]}" -f boot/guest/tools.sh -f build/relay-tools/relayctl \
		-f build/relay-tools/sample-check -- "boot/guest/$script" "${@:2}" || failed=1
}
run relayctl-hotplug.sh -a "maxcpus=1 lpj=10000000" -- "${RECORDS:-10000}" "${SEED:-1}"
# On a CPU that is not to be disturbed, too: there an NMI cannot have the other CPU wake.
run relayctl-nmi.sh -a nohz_full=1 -- "${SEED:-1}"
exit $failed
