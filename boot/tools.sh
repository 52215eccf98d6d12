#!/bin/bash
# tools.sh: tools/relay, built into build/relay-tools.
. "$(dirname "$0")/lib.sh"
need gcc make libc6-dev pkg-config libjson-c-dev libelf-dev libisal-dev
exec 8>"$BUILD/.relay-tools.lock"
flock 8
logged relay-tools make -C "$ROOT/tools/relay" O="$BUILD/relay-tools" all examples
