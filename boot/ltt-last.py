#!/usr/bin/python3
"""ltt-last.py TRACE SYSTEM_MAP N [PREFIX...]: the last N events of each CPU, as babeltrace2
reads them, and the last stack of each, with the names of its functions. Events whose name
begins with a PREFIX are left out."""
import bisect, collections, sys
import bt2

trace, system_map, n, left_out = sys.argv[1], sys.argv[2], int(sys.argv[3]), tuple(sys.argv[4:])
with open(system_map) as file:
    symbols = sorted((int(address, 16), name) for address, _, name in map(str.split, file))
addresses = [address for address, _ in symbols]
stext, etext = (next(a for a, name in symbols if name == mark) for mark in ("_stext", "_etext"))


def function(address, moved):
    """(An address in a stack is that after the call.)"""
    address = int(address) - moved
    if not stext <= address < etext:
        return hex(address)
    return symbols[bisect.bisect_left(addresses, address) - 1][1]


def text(name, field, moved):
    if name == "caller":
        return "".join(f"\n{'':42}{function(address, moved)}" for address in field)
    if isinstance(field, bt2._EnumerationFieldConst):
        return field.labels[0] if field.labels else str(int(field))
    if isinstance(field, bt2._StringFieldConst):
        return f'"{str(field).strip()}"'
    return str(field)


last = collections.defaultdict(lambda: collections.deque(maxlen=n))
stacks = {}
for message in bt2.TraceCollectionMessageIterator(trace):
    if type(message) is not bt2._EventMessageConst or message.event.name.startswith(left_out):
        continue
    event = message.event
    moved = int(str(event.stream.trace.environment["kernel_stext"]), 16) - stext
    fields = " ".join(f"{name}={text(name, field, moved)}" for name, field in event.payload_field.items()
                      if not name.startswith("_"))
    cpu = int(event.packet.context_field["cpu_id"])
    told = message.default_clock_snapshot.ns_from_origin, int(event.common_context_field["tid"]), event.name, fields
    last[cpu].append(told)
    if event.name == "kernel_stack":
        stacks[cpu] = told
end = max(events[-1][0] for events in last.values())
for cpu in sorted(last):
    print(f"CPU {cpu}")
    earlier = [stacks[cpu]] if cpu in stacks and stacks[cpu] not in last[cpu] else []
    for time, tid, name, fields in earlier + list(last[cpu]):
        line = f"  {(time - end) / 1e6:9.3f} ms {tid:5}  {name:20} {fields}"
        print(line if "\n" in line or len(line) < 112 else line[:108] + "...")
