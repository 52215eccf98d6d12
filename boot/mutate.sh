#!/bin/bash
# mutate.sh: break the ring in each way that tools/testing/relay/mutations has,
# and tell which test notices: a table, also in build/mutate.txt. Fails if no
# test notices. ONLY=part of a mutation's name.
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
make -s -C tools/testing/relay mutate O="$BUILD/relay-user" | tee "$BUILD/mutate.txt"
