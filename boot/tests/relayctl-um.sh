#!/bin/bash
# job 60
# kernels: um
# relayctl and librelay, on the sample's channel.
. boot/lib.sh
logged syncs gcc -shared -fPIC -O2 -Wall -Wextra -o "$BUILD/syncs.so" boot/syncs.c
boot/tools.sh && exec boot/sample-run.sh um -- boot/guest/relayctl.sh "${RECORDS:-3000}" "${SEED:-1}"
