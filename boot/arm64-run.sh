#!/bin/bash
# arm64-run.sh: test arm64 in software emulation: KUnit, the client, and the reserved
# area across resets, panics and kexec. The kernel takes too long to compile for make
# test; this is a job of soak.sh.
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
boot/kernel.sh arm64
boot/tools.sh arm64
rc=0
# The second CPU has atomic instructions, the first one makes them of exclusive loads.
for cpu in cortex-a57 max; do
	boot/kunit-run.sh -k "$(image arm64)" -x "-cpu $cpu" -c 4 -t 600 -a relayres=8M@0x50000000 'relay*' || rc=1
done
boot/sample-run.sh arm64 -t 600 -a relayres=8M@0x50000000 -- \
	boot/guest/client.sh "${RECORDS:-5000}" "${SEED:-1}" || rc=1
for scenario in ${SCENARIOS:-same reset panic kexec-file static loop kill damage}; do
	boot/reserved-run.sh "$scenario" "$BUILD/reserved-arm64/$scenario" arm64 || rc=1
done
exit $rc
