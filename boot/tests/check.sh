#!/bin/sh
# job 110
# No finding of checkpatch, sparse, gcc W=1 and kernel-doc in our files.
exec boot/check.sh
