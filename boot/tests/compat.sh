#!/bin/sh
# job 130
# Every relay client of Linux 7.3 compiles as it is.
exec boot/compat.sh
