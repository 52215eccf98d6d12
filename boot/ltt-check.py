#!/usr/bin/python3
"""ltt-check.py OUT: what boot/guest/ltt.sh has recorded, by readers that are not ours:
babeltrace2 and its Python bindings, and babeltrace 1."""
import os, re, shutil, subprocess, sys
import bt2

out = sys.argv[1]
failed = 0


def result(name, error):
    global failed
    print("not ok" if error else "ok", name)
    if error:
        print(error)
        failed += 1


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, errors="replace")


def read(trace):
    """The events of a trace: (time, name, fields)."""
    events, last = [], {}
    for message in bt2.TraceCollectionMessageIterator(os.path.join(out, trace)):
        if type(message) is not bt2._EventMessageConst:
            continue
        time = message.default_clock_snapshot.value
        cpu = message.event.packet.context_field["cpu_id"]
        assert time >= last.get(int(cpu), 0), "time goes back"
        last[int(cpu)] = time
        events.append((time, message.event.name, message.event.payload_field,
                       message.event.common_context_field))
    return events


def quiet(trace):
    """Read by both, and nothing said."""
    for reader in "babeltrace2", "babeltrace":
        done = run(reader, os.path.join(out, trace))
        if done.returncode or done.stderr:
            return f"{reader}: {done.returncode}\n{done.stderr[:2000]}"
        if not done.stdout:
            return f"{reader}: no event"
    return None


def round_trip(trace):
    """What sink.ctf.fs writes prints as what it read."""
    path, copy = os.path.join(out, trace), os.path.join(out, trace + ".copy")
    shutil.rmtree(copy, ignore_errors=True)
    done = run("babeltrace2", "convert", path, "--output-format=ctf", f"--output={copy}")
    if done.returncode or done.stderr:
        return done.stderr
    one, two = (run("babeltrace2", "--clock-cycles", where).stdout for where in (path, copy))
    return None if one == two and one else "what was copied prints otherwise"


def text_of(value):
    """As the events of relay_ltt.h print it."""
    if isinstance(value, bt2._EnumerationFieldConst):
        return value.labels[0] if value.labels else str(int(value))
    if isinstance(value, bt2._StringFieldConst):
        return str(value)
    if isinstance(value, bt2._ArrayFieldConst):
        return "{" + ",".join(hex(int(v)) for v in value) + "}"
    return str(int(value))


def ring_events():
    """(name, text) of what ftrace prints."""
    line = re.compile(r".*: (shape_\w+|mark_\w+): ?(.*)")
    with open(f"{out}/ring.txt") as file:
        return [match.groups() for match in map(line.match, file) if match]


FIELD = re.compile(r'(\w+)=("[^=]*"(?= \w+=|$)|\{[^}]*\}|[^ ]*(?: "x")?)')


def plain(value):
    """A value that ftrace prints, as text_of() gives it."""
    if value.startswith('"'):
        return value.strip('"')
    return str(int(value, 16)) if value.startswith("0x") else value


def same_as_ring(trace):
    """Each event of each kind, in its order, field by field."""
    ours = {}
    for _, name, payload, _ in read(trace):
        ours.setdefault(name, []).append(payload_text(payload))
    theirs = {}
    for name, text in ring_events():
        theirs.setdefault(name, []).append(dict(FIELD.findall(text)))
    compared = 0
    for name, lines in theirs.items():
        mine = ours.get(name, [])
        if len(mine) != len(lines):
            return f"{name}: {len(mine)} here, {len(lines)} in the ring"
        for i, (a, b) in enumerate(zip(mine, lines)):
            for field, value in b.items():
                if a.get(field) != plain(value):
                    return f"{name} {i}: {field} is {a.get(field)} here, {value} in the ring"
                compared += 1
    print(f"# {compared} fields compared of {sum(map(len, theirs.values()))} events")
    return None if compared > 5000 else "too few"


def payload_values(payload):
    return {name: str(field) if isinstance(field, bt2._StringFieldConst) else int(field)
            for name, field in payload.items()
            if isinstance(field, (bt2._StringFieldConst, bt2._IntegerFieldConst))}


def payload_text(payload):
    return {name: text_of(field) for name, field in payload.items()}


result("babeltrace2 and babeltrace read the shapes", quiet("first"))
result("they read them without contexts", quiet("bare"))
result("they read all events that there are", quiet("all"))
result("they read user events", quiet("user"))
result("they read what a module left that went", quiet("shapes"))
result("they read what relayctl has kept of a flight recorder", quiet("demo"))
result("a copy by sink.ctf.fs is the same", round_trip("first"))
result("field by field as in the ring", same_as_ring("first"))
result("field by field as in the ring, without contexts", same_as_ring("bare"))


def events_of(trace):
    """(name, thread, fields), without those that the tracer adds."""
    return [(name, int(context["tid"]), payload_values(payload))
            for _, name, payload, context in read(trace) if not name.startswith("ltt_")]


def number_in(name):
    with open(f"{out}/{name}") as file:
        return int(file.read())


def killed():
    names = {name for _, name, _, _ in read("live")}
    files = sorted(os.listdir(f"{out}/live"))
    if files not in ([".index", *cpus, "metadata"] for cpus in (["cpu0"], ["cpu1"], ["cpu0", "cpu1"])):
        return f"the directory has {files}"
    return None if "shape_small" in names and len(names) > 10 else f"only {names}"


def each_part():
    for option in "", "--splice":
        for part in sorted(os.listdir(f"{out}/parts{option}")):
            error = quiet(f"parts{option}/{part}")
            if error:
                return f"{part}: {error}"
    return None


def descendants(pid, events):
    pids = {pid}
    for name, thread, fields in events:
        if name == "sched_process_fork" and thread in pids:
            pids.add(fields["child_pid"])
    return pids


def only_the_command():
    events = events_of("line")
    pids = descendants(number_in("line.pid"), events)
    # (A switch to a thread is an event of the one before it.)
    others = [event for event in events if event[1] not in pids and
              not (event[0] == "sched_switch" and event[2]["next_pid"] in pids)]
    if others:
        return f"of {pids}, and {len(others)} of others: {others[:5]}"
    executed = [os.path.basename(fields["filename"]) for name, _, fields in events
                if name == "sched_process_exec"]
    ended = [fields["pid"] for name, _, fields in events if name == "sched_process_exit"]
    print(f"# {len(events)} events of {len(pids)} processes")
    if executed != ["sh", "ls"]:
        return f"{executed} were executed"
    return None if set(ended) == pids else f"{ended} ended, of {pids}"


def all_processes():
    events = events_of("line.all")
    executed = {os.path.basename(fields["filename"]) for name, _, fields in events
                if name == "sched_process_exec"}
    if executed - {"ls"}:
        return f"the filter let {executed} pass"
    if read("line.all")[-1][1] != "ltt_stop":
        return "its last event is not that it was stopped"
    return None if len({thread for _, thread, _ in events}) > 3 else "of too few processes"


def of_a_process():
    events = events_of("line.pid-of")
    pids = descendants(number_in("line.noise"), events)
    others = {thread for _, thread, _ in events} - pids
    if others:
        return f"of {others}, too"
    return None if len(pids) > 1 else "the process made no other"


def stopped():
    names = [name for _, name, _, _ in read("first")]
    if names.count("ltt_stop") != 1 or names[-1] != "ltt_stop":
        return f"{names.count('ltt_stop')} ltt_stop, the last event is {names[-1]}"
    return None if "print" in names else "no text from trace_marker"


def stacks():
    events = read("all")
    stacks = sum(name == "kernel_stack" for _, name, _, _ in events)
    kinds = {name for _, name, _, _ in events}
    print(f"# {len(events)} events of {len(kinds)} kinds, {stacks} stacks")
    return None if stacks > 40 and len(kinds) > 20 else "too few"


def user():
    with open(f"{out}/guest.txt") as file:
        taken = int(re.search(r"taken (\d+)", file.read())[1])
    events = [name for _, name, _, _ in read("user")]
    mine = sum(name.startswith("user_") for name in events)
    forged = {name for name in events if not name.startswith("ltt_")} - \
        {"user_plain", "user_text", "user_two"}
    if forged:
        return f"forged: {forged}"
    return None if mine == taken else f"{mine} events, {taken} were taken"


def never_again():
    """A number is that of one description."""
    with open(f"{out}/shapes/metadata") as file:
        numbers = re.findall(r"; id = (\d+);", file.read())
    return None if len(set(numbers)) == len(numbers) > 20 else "numbers are used again"


def names():
    """They were written at the start, and are long overwritten."""
    threads = sum(name == "ltt_thread" for _, name, _, _ in read("demo"))
    return None if threads > 5 else f"{threads} threads have a name"


result("the last event tells that tracing was stopped", stopped())
result("stacks are recorded", stacks())
result("a flight recorder has the names of threads", names())
result("a program forges no event", user())
result("a number is never used again", never_again())
result("they read a recording that was killed", quiet("live"))
result("it has what was recorded", killed())
result("they read each part of one", each_part())
result("they read a snapshot of one", quiet("still"))
result("they read the trace of a command", quiet("line"))
result("it has events of the command, and of no other", only_the_command())
result("it has those of all, with a filter", all_processes())
result("it has those of a process, and of no other", of_a_process())
sys.exit(failed > 0)
