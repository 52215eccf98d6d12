#!/usr/bin/python3
"""layers.py OBJECT...: which function or object of a higher layer an object of relay
names. Prints a line for each, and for an object that has no layer; nothing when all is
well."""
import re, subprocess, sys

# From the lowest to the highest. Files of one line do not name each other.
LAYERS = """
    ring layout area_note
    buffer area_crash
    channel meta area
    reader bank
    file legacy seal
    splice
    file_cpu file_all
    dir
    relay
""".strip().splitlines()
RANK = {name: rank for rank, line in enumerate(LAYERS) for name in line.split()}


def read_symbols(path):
    """What an object defines, and what it needs."""
    defined, needed = set(), set()
    for line in subprocess.run(["nm", path], text=True, check=True,
                               stdout=subprocess.PIPE).stdout.splitlines():
        kind, name = line.split()[-2:]
        if kind == "U":
            needed.add(name)
        elif kind.isupper():
            defined.add(name)
    return defined, needed


def main(paths):
    symbols = {re.sub(r".*/|\.o$", "", path): read_symbols(path) for path in paths}
    owner = {name: user for user, (defined, _) in symbols.items() for name in defined}
    for user, (_, needed) in sorted(symbols.items()):
        if user not in RANK:
            print(f"error: {user}.o has no layer in {sys.argv[0]}")
            continue
        for name in sorted(needed & owner.keys()):
            of = owner[name]
            if RANK.get(of, 99) >= RANK[user]:
                print(f"error: {user}.o names {name} of {of}.o, which is no lower layer")


main(sys.argv[1:])
