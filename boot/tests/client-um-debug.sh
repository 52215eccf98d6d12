#!/bin/sh
# job 110
# kernels: um-debug
# The client under KASAN, lockdep, kmemleak and the rest.
exec boot/sample-run.sh um-debug -l -m 1G -a relayres=8M@256M -- boot/guest/client.sh "${RECORDS:-2000}" "${SEED:-1}"
