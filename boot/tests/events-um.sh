#!/bin/sh
# job 10
# kernels: um
# The event stream, recorded while somebody watches.
exec boot/sample-run.sh um -- boot/guest/events.sh
