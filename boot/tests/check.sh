#!/bin/sh
# job 215
# No finding of checkpatch, sparse, gcc W=1 and kernel-doc in our files.
exec boot/check.sh
