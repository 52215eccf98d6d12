#!/usr/bin/python3
# Drain every file of relay_bench.ko from CPU 1, until they are gone.
import glob, os, time

DIR = "/sys/kernel/debug/relay_bench/"
while not os.path.exists(DIR + "reading") or not glob.glob(DIR + "keep-stock0"):
    time.sleep(0.01)
os.sched_setaffinity(0, {1})
files = [os.open(p, os.O_RDONLY) for p in sorted(glob.glob(DIR + "*-*0"))]
with open(DIR + "reading", "w") as f:
    f.write("1")
chunk = bytearray(1 << 18)
try:
    while True:
        for fd in files:
            while os.readv(fd, [chunk]):
                pass
except OSError:
    pass
