#!/bin/sh
# job 10
# The series applies to a pristine tree and gives what we build from.
exec boot/patch.sh
