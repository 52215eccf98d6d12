#!/bin/sh
# job 110
# No finding of checkpatch, sparse, gcc W=1 and kernel-doc in our files, no call to a
# higher layer; and what breaks the files on purpose still does.
rc=0
boot/check.sh || rc=1
APPLY=1 boot/mutate-files.sh | grep -E '^(not )?ok|DOES NOT' || rc=1
exit $rc
