#!/bin/bash
# rt-run.sh: what is tested on PREEMPT_RT, in software emulation: KUnit, with an isolated
# CPU and a function tracer, the client, CPUs that come and go under it, and the user
# ABI. The kernel takes too long to compile for make test; this is a job of soak.sh.
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
boot/kernel.sh x86_64-rt
rc=0
boot/kunit-run.sh -k "$(image x86_64-rt)" -c 4 -m 1G -a "nohz_full=3 relayres=8M@256M" 'relay*' || rc=1
boot/sample-run.sh x86_64-rt -m 1G -a relayres=8M@256M -- \
	boot/guest/client.sh "${RECORDS:-5000}" "${SEED:-1}" nmi || rc=1
boot/sample-run.sh x86_64-rt -m 1G -- boot/guest/hotplug.sh "${RECORDS:-5000}" "${SEED:-1}" || rc=1
for program in relay_abi relay_mount relay_stream; do
	boot/selftest.sh x86_64-rt -m 1G -- $program SEED="${SEED:-1}" RECORDS=2000 || rc=1
done
exit $rc
