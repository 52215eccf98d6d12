#!/usr/bin/python3
# bench-load.py MODULE [NAME=VALUE]...: load relay_bench.ko with a BPF ring buffer for the
# comparison. This process creates the ring, and is its consumer: the module, which runs in
# this process, stores the consumer's position to the mapping.
import ctypes, mmap, os, struct, sys

SYS_BPF, SYS_FINIT_MODULE = 321, 313
BPF_MAP_CREATE, BPF_MAP_TYPE_RINGBUF = 0, 27
BYTES = 1 << 20

libc = ctypes.CDLL(None, use_errno=True)


def syscall(what, *args):
    result = libc.syscall(*args)
    if result < 0:
        sys.exit(f"{what}: {os.strerror(ctypes.get_errno())}")
    return result


attr = struct.pack("=IIII112x", BPF_MAP_TYPE_RINGBUF, 0, 0, BYTES)
ring = syscall("bpf", SYS_BPF, BPF_MAP_CREATE, attr, len(attr))
consumer = ctypes.c_ulong.from_buffer(mmap.mmap(ring, mmap.PAGESIZE))
parameters = sys.argv[2:] + [f"bpf_ring={ring}", f"bpf_consumer={ctypes.addressof(consumer)}"]
module = os.open(sys.argv[1], os.O_RDONLY)
syscall("finit_module", SYS_FINIT_MODULE, module, " ".join(parameters).encode(), 0)
