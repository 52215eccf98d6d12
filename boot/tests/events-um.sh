#!/bin/sh
# job 10
# kernels: um
# The first channel, and the event stream, recorded while a reader watches.
exec boot/sample-run.sh um -- boot/guest/events.sh
