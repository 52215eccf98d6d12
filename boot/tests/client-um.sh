#!/bin/sh
# job 25
# kernels: um
# The sample client from task, softirq and hardirq, drained live.
exec boot/sample-run.sh um -a relayres=8M@256M -- boot/guest/client.sh "${RECORDS:-5000}" "${SEED:-1}"
