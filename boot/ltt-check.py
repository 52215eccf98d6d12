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
        # An interrupt fires this one, too, and can come between the two probes of another one.
        if name == "shape_inner":
            mine, lines = (sorted(fields, key=lambda one: int(one["n"])) for fields in (mine, lines))
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
        {"user_plain", "user_text", "user_two", "user_words", "user_names"}
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


LINE = re.compile(r" *(.{1,16}?)-(\d+|\?) +\[(\d+)\] (\S{5}) +\d+\.\d{6}: (.*)")
SYSCALL = re.compile(r"sys_(\w+)( -> |\()(.*?)\)?$")


def parsed(lines, by_ftrace=False):
    """(where, name, text) of each line of ftrace, or of relayctl convert."""
    events = []
    for line in lines:
        if line.startswith("#") or not line.strip():
            continue
        *where, rest = LINE.fullmatch(line).groups()
        syscall = SYSCALL.fullmatch(rest) if by_ftrace else None
        # A system call has no TP_printk(): ftrace writes sys_NAME(...), its format has the same
        # arguments with the event's name.
        if syscall:
            call, kind, text = syscall.groups()
            name = f"sys_{'exit' if '>' in kind else 'enter'}_{call}"
        else:
            name, _, text = rest.partition(":")
        events.append((tuple(where), name, text.strip()))
    return events


RELAYCTL = os.path.join(os.path.dirname(__file__), "../build/relay-tools/relayctl")


def convert(trace, *options):
    return run(RELAYCTL, "convert", "--to", "text", *options, os.path.join(out, trace))


def ring_lines(name):
    with open(f"{out}/{name}") as file:
        return file.read().splitlines()


def place(where):
    """A tick between the two probes can ask for another thread: that flag is left out."""
    flags = where[3]
    return where[1], where[2], flags[0] + flags[2:]


def printed_as_ring(trace, context=True):
    """relayctl convert prints each shape as ftrace does, line by line, but for the time. (One shape
    is recorded inside another one: earlier in a trace, later in the ring.)"""
    done = convert(trace)
    if done.returncode or done.stderr:
        return f"{done.returncode} {done.stderr}"
    mine, theirs = (sorted(events, key=lambda event: event[1:] if event[1] == "shape_inner" else event[1:2]) for events in (
        [event for event in parsed(done.stdout.splitlines())
         if event[1].startswith(("shape_", "mark_"))], parsed(ring_lines("ring.txt"))))
    if len(mine) != len(theirs):
        return f"{len(mine)} lines here, {len(theirs)} in the ring"
    for a, b in zip(mine, theirs):
        # libtraceevent leaves the backslashes in the names of values.
        a = (a[0], a[1], a[2].replace('\\"', '"'))
        if a[1:] != b[1:] or context and (a[0][0], place(a[0])) != (b[0][0], place(b[0])):
            return f"{a} here, {b} in the ring"
    print(f"# {len(mine)} lines compared")
    return None if len(mine) > 2000 else "too few"


LEFT_OUT = {
    # The format of these has enumerators without their values.
    "hrtimer_start": r"mode=\S+", "hrtimer_setup": r"mode=\S+",
    # libtraceevent computes "REC->flags & (A | B)" without the parentheses.
    "timer_start": r"flags=\S*",
}


def same_token(mine, theirs):
    if mine == theirs:
        return True
    # %p: ftrace prints a hash, which another boot does not know.
    if re.fullmatch(r"(.*=)?[0-9a-f]{16}:?", theirs):
        return re.sub(r"[0-9a-f]{16}", "", theirs) == re.sub(r"0x[0-9a-f]+|\(nil\)", "", mine)
    # %pS: libtraceevent knows no size of a function.
    return mine == re.sub(r"(\+0x[0-9a-f]+)/0x[0-9a-f]+", r"\1", theirs)


def number(value):
    return int(value, 0) % 2**64 if re.fullmatch(r"0x[0-9a-f]+|0|[1-9]\d*", value) else value


def arguments(text):
    """Of a system call: ftrace has its own way to print numbers and what is in a buffer, and
    leaves out the mode of a file that is not created."""
    return {name: number(value) for name, value in re.findall(r"(\w+): ([\w|]+)", text)}


def same_text(name, mine, theirs):
    if name.startswith("sys_enter_"):
        return arguments(theirs).items() <= arguments(mine).items()
    mine, theirs = (re.sub(LEFT_OUT.get(name, "$"), "", text) for text in (mine, theirs))
    a, b = mine.split(), theirs.split()
    return len(a) == len(b) and all(map(same_token, a, b))


def grouped(events):
    """Those of one kind in one place and context; an interrupt can come between the two probes of another one,
    of the same kind as well."""
    groups = {}
    for where, name, text in events:
        groups.setdefault((where[1], where[2], name, where[3][2]), []).append((where, text))
    return groups


def count_same(name, mine, theirs):
    """How many lines are the same, from the first on."""
    for n, (a, b) in enumerate(zip(mine, theirs)):
        if place(a[0]) != place(b[0]) or not same_text(name, a[1], b[1]):
            return n
    return len(mine)


def texts_as_ring():
    """The trace was on for a part of what ftrace has recorded."""
    done = convert("texts", f"--kallsyms={out}/kallsyms")
    if done.returncode or done.stderr:
        return f"{done.returncode} {done.stderr}"
    theirs = grouped(parsed(ring_lines("texts.txt"), True))
    compared, kinds = 0, set()
    for key, mine in grouped(parsed(done.stdout.splitlines())).items():
        name, ring = key[2], theirs.get(key, [])
        if name.startswith("ltt_"):
            continue
        best = max((count_same(name, mine, ring[at:])
                    for at in range(len(ring) - len(mine) + 1)), default=0)
        if best < len(mine):
            return f"{key}: {mine[best]} here, {ring} in the ring"
        compared += len(mine)
        kinds.add(name)
    print(f"# {compared} lines of {len(kinds)} kinds compared")
    return None if compared > 1000 and len(kinds) > 50 else "too few"


def own_events():
    """Events without a format of the kernel."""
    said = convert("first").stdout
    for text in r"print: a text from user space\n", r'ltt_stop: reason="tracing_off"\n$', \
            r'ltt_thread: tid=1 pid=1 ppid=0 name="um-init.sh"\n':
        if not re.search(text, said):
            return f"no {text}"
    done = convert("first", "--formats=/dev/null")
    for text in r"shape_arrays: name=\"name 3\" bytes=\{0x3,0x4,0x5\} shorts=\{6,7,8\} .* last=77\n", \
            r'shape_strings: between=3 first="a text of some length, odd" ':
        if not re.search(text, done.stdout):
            return f"no {text}"
    if not re.search(r"^relayctl: 1\d kinds of event are printed with their fields, because their "
                     r"formats are not there .*, \.\.\.\n$", done.stderr):
        return done.stderr
    return None if done.returncode == 0 else done.returncode


def of_a_module():
    """(Every third that was reserved was given up.)"""
    events = [(name, int(fields["number"]), int(fields["square"])) for _, name, fields, _ in read("client")]
    wanted = [("client_square", i, i * i) for i in range(1000) for _ in range(1 + (i % 3 > 0))]
    return None if events == wanted else f"{len(events)} events, {len(wanted)} were committed: {events[:5]}"


result("relayctl prints the shapes as ftrace does", printed_as_ring("first"))
result("it prints them without contexts", printed_as_ring("bare", False))
result("it prints other events as ftrace does", texts_as_ring())
result("it prints what has no format", own_events())
result("it prints a trace of a command by the formats that are stored", convert("line", f"--formats={out}/line/.formats").stderr)
result("they read the trace of a module", quiet("client"))
result("it has what the module has committed", of_a_module())
result("the last event tells that tracing was stopped", stopped())
result("stacks are recorded", stacks())
result("a flight recorder has the names of threads", names())
result("a program forges no event", user())
result("the name of the machine is quoted", None if 'hostname = "a \\"name\\" \\\\";' in
       open(f"{out}/first/metadata").read() else "it is not")
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
