#!/bin/sh
# job 5
# kernels: um
# User-mode Linux boots, and is what we built.
exec boot/um-run.sh -- boot/guest/boot.sh
