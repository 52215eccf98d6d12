#!/usr/bin/python3
"""ltt-user.py SEED INSTANCE: user events, of whatever bytes, into an instance; the number
of those that the kernel has taken is the last line."""
import fcntl, os, random, struct, sys

random.seed(int(sys.argv[1]))
instance = sys.argv[2]
print("seed", sys.argv[1])
DIAG_IOCSREG = 0xc0082a00
data = os.open("/sys/kernel/tracing/user_events_data", os.O_RDWR)


def register(definition):
    """Its index for writes."""
    import ctypes
    name = ctypes.create_string_buffer(definition.encode())
    word = ctypes.c_uint32(0)
    reg = bytearray(struct.pack("=IBBHQQI", 28, 0, 4, 0, ctypes.addressof(word),
                                ctypes.addressof(name), 0))
    fcntl.ioctl(data, DIAG_IOCSREG, reg)
    register.keep = getattr(register, "keep", []) + [(name, word)]
    return struct.unpack_from("=I", reg, 24)[0]


events = [register("user_plain u32 a; u8 b"), register("user_text __data_loc char[] text; u32 n"),
          register("user_two __rel_loc u8[] bytes; __data_loc char[] text"),
          register("user_words __data_loc u32[] words; u32 \u00e9"),
          # The last field has a name that looks like names of values of the first.
          register('user_names u32 b; u32 __print_symbolic(REC->b,{0,"a\\qb"})')]
with open(f"{instance}/events/user_events/enable", "w") as file:
    file.write("1")
taken = 0
for i in range(2000):
    event = random.choice(events)
    # Lengths that are declared, and others; zeroes and the heads of events are likely.
    body = bytes(random.choice((0, 0, 8, 31, 255, random.randrange(256)))
                 for _ in range(random.randrange(40)))
    if random.random() < .5:
        text = b"text %d\0" % i
        body = {0: struct.pack("=IB", i, i & 255),
                1: struct.pack("=II", len(text) << 16 | 16, i) + text,
                2: struct.pack("=II", 2 << 16 | 4, len(text) << 16 | 18) + b"\1\2" + text,
                # As often as not the length is no multiple of 4.
                3: struct.pack("=II", len(text) << 16 | 16, i) + text,
                4: struct.pack("=II", 0, i),
                }[events.index(event)] + (body if random.random() < .3 else b"")
    try:
        os.writev(data, [struct.pack("=I", event), body])
        taken += 1
    except OSError:
        pass
with open(f"{instance}/events/user_events/enable", "w") as file:
    file.write("0")

# Events that no trace can have: more than 64K, also as a sum of sizes that is small again; names that
# CTF cannot tell apart.
for definition, cause in (
        ("user_wide struct a x 65528", "more than 64K"),
        ("user_wraps struct a x 39992; __data_loc u8[] d; struct a y 2147483647; struct a z 2147443677", "more than 64K"),
        ("user_same u32 a_b; u32 a-b", "tell apart"),
        ("user_length u32 _x_length; __data_loc u8[] x", "tell apart"),
        ("user_gap u32 _gap_4", "tell apart")):
    register(definition)
    try:
        with open(f"{instance}/events/user_events/{definition.split()[0]}/enable", "w") as file:
            file.write("1")
        sys.exit(f"not refused: {definition}")
    except OSError as error:
        with open(f"{instance}/error_log") as file:
            if cause not in file.read():
                sys.exit(f"{definition}: {error}, not because of {cause}")
# One that only exists does not prevent a trace, whose room for metadata depends on all events.
os.mkdir(f"{instance}2")
with open(f"{instance}2/relay", "w") as file:
    file.write("size=8K n=2 memory")
os.rmdir(f"{instance}2")
print("taken", taken)
