#!/bin/sh
# job 30
# kernels: um
exec boot/kunit-run.sh -t 300 'relay*'
