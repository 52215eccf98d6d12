#!/bin/sh
# job 30
# kernels: um
exec boot/kunit-run.sh -t 300 -a relayres=8M@256M 'relay*'
