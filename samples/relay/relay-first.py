#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# Print the records of relay-first.c as they come: relay-first.py [HOW MANY]
import struct
import sys

record = struct.Struct("=QII")
left = int(sys.argv[1]) if len(sys.argv) > 1 else -1
with open("/sys/kernel/relay/relay-first/cpu0", "rb", buffering=0) as channel:
    while left and (data := channel.read(record.size)):
        time, cpu, count = record.unpack(data)
        print(f"{time / 1e9:.6f} cpu {cpu} tick {count}", flush=True)
        left -= 1
