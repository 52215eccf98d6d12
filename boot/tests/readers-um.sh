#!/bin/bash
# job 40
# kernels: um
# relayctl record beside another reader, and on a channel that is reset.
. boot/lib.sh
need_to_compile
kernel_env
dir=$BUILD/um-reset
logged reset-kmod kmake "$BUILD/um" um M="$ROOT/tools/testing/relay/reset" MO="$dir" modules
boot/tools.sh && exec boot/sample-run.sh um -- boot/guest/readers.sh "$dir" "${SEED:-1}"
