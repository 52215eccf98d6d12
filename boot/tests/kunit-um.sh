#!/bin/sh
# job 30
# kernels: um
exec boot/kunit-run.sh -a relayres=8M@256M 'relay*'
