#!/bin/bash
# mutate.sh: apply each mutation in tools/testing/relay/mutations to the ring, and
# print a table of the tests that notice, also to build/mutate.txt. Fails if no test
# notices a mutation. ONLY=part of a mutation's name.
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
make -s -C tools/testing/relay mutate O="$BUILD/relay-user" | tee "$BUILD/mutate.txt"
