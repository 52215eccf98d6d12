#!/bin/bash
# rt-run.sh: test PREEMPT_RT in software emulation: KUnit, with an isolated CPU and a
# function tracer; the client, also with CPU hotplug; the user ABI; and a trace of every
# event, with probes of functions. The kernel takes too long to compile for make test; this
# is a job of soak.sh.
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
boot/kernel.sh x86_64-rt
rc=0
boot/kunit-run.sh -k "$(image x86_64-rt)" -c 4 -m 1G -a "nohz_full=3 relayres=8M@256M" 'relay*' || rc=1
boot/sample-run.sh x86_64-rt -m 1G -a relayres=8M@256M -- \
	boot/guest/client.sh "${RECORDS:-5000}" "${SEED:-1}" nmi || rc=1
# In the guest's own time: by that of a busy host the local APIC's timer looks wrong, and
# the timers of a CPU that comes up again stand still. (The kernel has no ACPI timer to
# compare with, because ACPI is half of what the other kernel compiles.)
boot/sample-run.sh x86_64-rt -m 1G -x "-icount shift=1,sleep=off" -- \
	boot/guest/hotplug.sh "${RECORDS:-5000}" "${SEED:-1}" || rc=1
for program in relay_abi relay_mount relay_stream; do
	boot/selftest.sh x86_64-rt -m 1G -- $program SEED="${SEED:-1}" RECORDS=2000 || rc=1
done
boot/tools.sh
for scenario in all live; do
	boot/ltt-run.sh $scenario "$BUILD/ltt-rt" x86_64-rt || rc=1
done
exit $rc
