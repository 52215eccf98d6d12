#!/bin/bash
# job 45
# kernels: x86_64
# A machine that records is stopped at random instants: its memory is enough.
. boot/lib.sh
boot/tools.sh
exec boot/instants.sh "${INSTANTS:-50}" "$BUILD/instants"
