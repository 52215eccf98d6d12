#!/usr/bin/python3
"""notrace.py OBJECT...: which functions of relay a write calls, and a function tracer
follows. The objects are of a kernel with CONFIG_FUNCTION_TRACER. A client that writes
for each call of such a function would do so without an end. Prints a line for each, or
for a way into the write path that is not there; nothing when all is well."""
import re, subprocess, sys

# What a client calls, inlined or not, and what the ring calls by a pointer.
ROOTS = """
    __relay_write relay_reserve relay_buf_full
    relay_ring_make_room relay_ring_publish_above relay_ring_settle relay_ring_discard
    relay_subbuf_begin relay_subbuf_end relay_subbuf_deliver relay_gate_admit
""".split()


def read_calls(objects):
    """{function: functions it calls or jumps to}, a part of a function as the whole."""
    calls, name = {}, None
    for line in subprocess.run(["objdump", "-dr", *objects], text=True, check=True,
                               stdout=subprocess.PIPE).stdout.splitlines():
        if found := re.match(r"[0-9a-f]+ <([\w.]+)>:", line):
            name = whole(found[1])
            calls.setdefault(name, set())
        elif found := re.search(r"\t(?:call|j\w+) .*<([\w.]+)|R_X86_64_P\w+\t([\w.]+)", line):
            calls[name].add(whole(found[1] or found[2]))
    return calls


def whole(name):
    return re.sub(r"\.(isra|constprop|part|cold).*", "", name)


def main(objects):
    calls = read_calls(objects)
    todo = [root for root in ROOTS if root in calls]
    for root in set(ROOTS) - set(todo):
        print(f"error: there is no {root}()")
    caller = dict.fromkeys(todo)
    while todo:
        name = todo.pop()
        if "__fentry__" in calls[name]:
            path, by = name, caller[name]
            while by:
                path, by = f"{by}() -> {path}", caller[by]
            print(f"error: a write can be traced: {path}()")
        for called in calls[name] & calls.keys() - caller.keys():
            caller[called] = name
            todo.append(called)


main(sys.argv[1:])
