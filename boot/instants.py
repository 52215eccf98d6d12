#!/usr/bin/python3
"""instants.py JSON CPUS: does what relayctl recover says (JSON) agree with the
witness and the records (CPUS, by instants.sh)? What is wrong goes to stdout."""
import json
import sys


def wrong(said, committed, unseen, undecided, recovered, torn):
    """What of a CPU's figures cannot be, or nothing."""
    expected = committed + unseen
    found = recovered + said["overwritten"] - said["about_to_be_overwritten"]
    if torn or said["damaged"]:
        return f"{torn} torn, damaged: {said['damaged']}"
    # Of a commit that was begun, and whose record is not there, relay alone knows
    # whether it came about before its writer was interrupted for long.
    if not recovered or not 0 <= found - expected <= undecided:
        return f"committed {expected}, undecided {undecided}, recovered {recovered}, {said}"
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
        text = wrong(said[cpu], *figures)
        if text:
            print(f"CPU {cpu}: {text}")
            bad = 1
    return bad


sys.exit(main(*sys.argv[1:]))
