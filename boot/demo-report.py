#!/usr/bin/env python3
"""demo-report.py DIRECTORY FILE.json: what the demo's guests left behind, as
tables on the screen and as JSON. Fails if a record is unaccounted for."""
import json
import os
import re
import sys

GUESTS = {"um": "User-mode Linux", "x86_64": "x86_64 in QEMU"}
ACTIONS = {"Q": "queued", "G": "got", "D": "issued", "C": "completed"}


def read(*path):
    with open(os.path.join(*path), encoding="ascii") as file:
        return file.read()


def blktrace(folder):
    """Count of each action and of the drops, from the lines of its test."""
    text = read(folder, "blktrace")
    counts = {a: int(n) for a, n in re.findall(r"blktrace, (\w) events: (\d+)", text)}
    counts["dropped"] = int(re.search(r"dropped by the kernel: (\d+)", text).group(1))
    return counts


def complete(guest):
    """Everything is there, whole, once."""
    trace, client = guest["blktrace"], guest["client"]
    accounted = client["received"] + client["discarded"] + sum(client["lost"].values())
    return (client["ok"] and accounted == client["written"] and client["torn"] == 0 and
            all(trace.get(a) == 8000 for a in ACTIONS) and trace["dropped"] == 0)


def main():
    demo, target = sys.argv[1:]
    guests = {}
    for name in GUESTS:
        try:
            folder = os.path.join(demo, name)
            guests[name] = {"blktrace": blktrace(folder),
                            "client": json.loads(read(folder, "client.json"))}
        except (OSError, AttributeError, ValueError) as error:
            sys.exit(f"error: {GUESTS[name]} left no result: {error}")
    ok = all(complete(guest) for guest in guests.values())
    with open(target, "w", encoding="ascii") as file:
        json.dump({"ok": ok, "guests": guests}, file, indent=1)
        file.write("\n")

    print("\nblktrace of 4000 direct writes and 4000 direct reads, 4 KiB each\n")
    print(" " * 16 + "".join(f"{title:>11}" for title in [*ACTIONS.values(), "dropped"]))
    for name, guest in guests.items():
        print(f"{GUESTS[name]:16}" + "".join(f"{guest['blktrace'].get(a, 0):11}"
                                             for a in [*ACTIONS, "dropped"]))
    for name, title in GUESTS.items():
        print(f"\n{title}: the sample on two CPUs, read while it writes\n")
        print(read(demo, name, "client"), end="")
    print("\nreceived + discarded + lost = written, torn: 0" if ok else
          "\nFAILED: the figures do not add up", f"({os.path.relpath(target)})")
    return not ok


sys.exit(main())
