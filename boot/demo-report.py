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


def recording(folder):
    """Who says what of the records that relayctl recorded: the writers, relayctl
    stat, relayctl record, and whoever checked what relayctl cat printed."""
    rows = [line.split() for line in read(folder, "stats").splitlines()
            if line.startswith("writer")]
    writers = [sum(int(row[i]) for row in rows) for i in range(3, len(rows[0]))]
    total = json.loads(read(folder, "stat.json"))["total"]
    record = re.search(r"(\d+) records in .*; (\d+) records lost, (\d+) sub-buffers missed",
                       read(folder, "record"))
    checked = re.search(r"received (\d+) .* torn (\d+)", read(folder, "cat"))
    return {"writers": {"written": writers[0], "committed": writers[1],
                        "discarded": writers[2], "lost": sum(writers[3:])},
            "stat": {"committed": total["committed"], "discarded": total["discarded"],
                     "lost": sum(total["lost"].values())},
            "record": {"committed": int(record.group(1)), "lost": int(record.group(2)),
                       "missed": int(record.group(3))},
            "cat": {"committed": int(checked.group(1)), "torn": int(checked.group(2))}}


def agrees(said):
    """All say the same of whatever they say something of."""
    writers = said["writers"]
    return (writers["written"] == writers["committed"] + writers["discarded"] + writers["lost"] and
            said["record"]["missed"] == 0 and said["cat"]["torn"] == 0 and
            all(who[name] == writers[name] for who in said.values()
                for name in who if name in writers))


def complete(guest):
    """Everything is there, whole, once."""
    trace, client = guest["blktrace"], guest["client"]
    accounted = client["received"] + client["discarded"] + sum(client["lost"].values())
    return (client["ok"] and accounted == client["written"] and client["torn"] == 0 and
            all(trace.get(a) == 8000 for a in ACTIONS) and trace["dropped"] == 0 and
            agrees(guest["recording"]))


def crash(folder):
    """Of each CPU, what a witness outside of relay saw committed before the kernel
    died, and what came back from the copy of the bank: the same as in the crash
    kernel."""
    names = ["cpu", "committed", "recovered", "overwritten", "torn"]
    there = [dict(zip(names, map(int, line.split()), strict=True))
             for line in read(folder, "recovered").splitlines()]
    said = json.loads(read(folder, "json"))[0]["channels"][0]["cpus"]
    found = []
    for line in read(folder, "cpus").splitlines():
        cpu, committed, unseen, _, recovered_here, torn = map(int, line.split())
        found.append({"cpu": cpu, "committed": committed + unseen, "recovered": recovered_here,
                      "overwritten": said[cpu]["overwritten"], "torn": torn})
    if found != there:
        raise ValueError(f"{found} on the host, {there} in the crash kernel")
    return found


def recovered(found):
    """All of it, of every CPU."""
    return len(found) == 4 and all(
        cpu["recovered"] > 0 and cpu["torn"] == 0 and
        cpu["recovered"] + cpu["overwritten"] == cpu["committed"] for cpu in found)


def print_crash(found):
    """A line for each CPU."""
    names = ["committed", "recovered", "overwritten", "torn"]
    print("\nx86_64 in QEMU: panic under load, recovered from the bank that the crash kernel copied\n")
    print(" " * 8 + "".join(f"{column:>13}" for column in names))
    for cpu in found:
        print(f"CPU {cpu['cpu']:<4}" + "".join(f"{cpu[name]:13}" for name in names))
    print(f"{'in all':8}" + "".join(f"{sum(cpu[name] for cpu in found):13}"
                                    for name in names))


def print_recordings(guests):
    """Each line is another's count."""
    names = ["written", "committed", "discarded", "lost", "torn"]
    told = {"writers": "the writers", "stat": "relayctl stat",
            "record": "relayctl record", "cat": "relayctl cat, checksums"}
    for name, guest in guests.items():
        print(f"\n{GUESTS[name]}: the same, recorded by relayctl\n")
        print(" " * 24 + "".join(f"{column:>11}" for column in names))
        for who, title in told.items():
            said = guest["recording"][who]
            print(f"{title:24}" + "".join(f"{said.get(column, ''):>11}" for column in names))


def main():
    demo, target = sys.argv[1:]
    guests = {}
    for name in GUESTS:
        try:
            folder = os.path.join(demo, name)
            guests[name] = {"blktrace": blktrace(folder),
                            "client": json.loads(read(folder, "client.json")),
                            "recording": recording(folder)}
        except (OSError, AttributeError, ValueError, LookupError) as error:
            sys.exit(f"error: {GUESTS[name]} left no result: {error}")
    try:
        died = crash(os.path.join(demo, "kdump"))
    except (OSError, AttributeError, ValueError, LookupError) as error:
        sys.exit(f"error: the guest that panicked left no result: {error}")
    ok = all(complete(guest) for guest in guests.values()) and recovered(died)
    with open(target, "w", encoding="ascii") as file:
        json.dump({"ok": ok, "guests": guests, "crash": died}, file, indent=1)
        file.write("\n")

    print("\nblktrace of 4000 direct writes and 4000 direct reads, 4 KiB each\n")
    print(" " * 16 + "".join(f"{title:>11}" for title in [*ACTIONS.values(), "dropped"]))
    for name, guest in guests.items():
        print(f"{GUESTS[name]:16}" + "".join(f"{guest['blktrace'].get(a, 0):11}"
                                             for a in [*ACTIONS, "dropped"]))
    for name, title in GUESTS.items():
        print(f"\n{title}: the sample on two CPUs, read while it writes\n")
        print(read(demo, name, "client"), end="")
    print_recordings(guests)
    print_crash(died)
    print("\nreceived + discarded + lost = written, recovered + overwritten = committed, torn: 0"
          if ok else
          "\nFAILED: the figures do not add up", f"({os.path.relpath(target)})")
    return not ok


sys.exit(main())
