#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""map_consumer.py FILE OUTPUT: append a buffer's sub-buffers to OUTPUT until the
channel is closed. Nothing but the standard library, and no ctypes."""
import errno
import fcntl
import mmap
import os
import struct
import sys

MAGIC = 0xF0
INFO = struct.Struct("6I4Q")		# struct relay_info
GET = struct.Struct("QQQQIIIIQQ")	# struct relay_subbuf_get
PUT = struct.Struct("QII")		# struct relay_subbuf_put


def command(direction, number, size):
    return direction << 30 | size << 16 | MAGIC << 8 | number


def call(fd, direction, number, layout, *values):
    arg = bytearray(layout.pack(*values) if values else layout.size)
    fcntl.ioctl(fd, command(direction, number, layout.size), arg)
    return layout.unpack(arg)


fd = os.open(sys.argv[1], os.O_RDONLY)
data_size, meta_size = call(fd, 2, 0, INFO)[7:10:2]
# The whole file, its parts, and no byte more.
memory = mmap.mmap(fd, 0, flags=mmap.MAP_SHARED, prot=mmap.PROT_READ)
assert len(memory) == data_size + meta_size == os.fstat(fd).st_size
mmap.mmap(fd, data_size, access=mmap.ACCESS_READ).close()
mmap.mmap(fd, meta_size, access=mmap.ACCESS_READ, offset=data_size).close()
with open(sys.argv[2], "wb", buffering=0) as output:
    while True:
        try:
            sequence, used, offset = call(fd, 2, 1, GET)[0:9:4]
            data = memory[offset:offset + used]
            call(fd, 3, 2, PUT, sequence, 1, 0)
        except OSError as error:
            if error.errno == errno.ENODATA:
                break
            # It was gone before it was copied: overwritten, reset, or another reader's.
            if error.errno == errno.ESTALE:
                continue
            raise
        output.write(data)
# The meta page says that the channel is closed.
assert struct.unpack_from("I", memory, data_size + 36)[0] == 1
