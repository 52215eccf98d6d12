#!/usr/bin/python3
"""instants.py JSON CPUS: does what relayctl recover says (JSON) agree with the
witness and the records (CPUS, by instants.sh)? What is wrong goes to stdout."""
import json
import sys

INTERRUPTIBLE = 3  # task, softirq, hardirq


def wrong(said, committed, unseen, recovered, torn):
    """What of a CPU's figures cannot be, or nothing."""
    expected = committed + unseen
    found = recovered + said["overwritten"] - said["about_to_be_overwritten"]
    if torn or said["damaged"]:
        return f"{torn} torn, damaged: {said['damaged']}"
    # A writer that is interrupted between its commit and the witness, until what
    # it wrote is overwritten, has a record that only relay knows: one for each
    # context that can be interrupted, and none of them is missing.
    if not recovered or not 0 <= found - expected <= INTERRUPTIBLE:
        return f"committed {expected}, recovered {recovered}, {said}"
    return None


def main(path, cpus):
    with open(path, encoding="ascii") as file:
        banks = json.load(file)
    said = [bank for bank in banks if bank.get("recovered")][0]["channels"][0]["cpus"]
    with open(cpus, encoding="ascii") as file:
        rows = [list(map(int, line.split())) for line in file]
    if len(said) != 4 or len(rows) != 4:
        print(f"{len(said)} and {len(rows)} CPUs")
        return 1
    bad = 0
    for cpu, *figures in rows:
        text = wrong(said[cpu], figures[0], figures[1], figures[2], figures[3])
        if text:
            print(f"CPU {cpu}: {text}")
            bad = 1
    return bad


sys.exit(main(*sys.argv[1:]))
