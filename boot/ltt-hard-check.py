#!/usr/bin/python3
"""ltt-hard-check.py OUT: what boot/guest/ltt-hard.sh has recorded, read by babeltrace2 and
babeltrace, against what was fired."""
import os, re, subprocess, sys
import bt2

out = sys.argv[1]
failed = 0
CONTEXTS = range(3)		# a task, a hard interrupt, an NMI


def result(name, check, *args):
    global failed
    try:
        error = check(*args)
    except (AssertionError, KeyError, OSError, ValueError) as exception:
        error = repr(exception)
    print("not ok" if error else "ok", "-", name)
    if error:
        print("#", str(error).replace("\n", "\n# "))
        failed += 1


def path(name):
    return os.path.join(out, name)


def text(name):
    with open(path(name)) as file:
        return file.read()


def there(name):
    return os.path.exists(path(name))


DISCARDED = re.compile(r".*Tracer discarded (\d+) events? between .*")


# Of events that were lost before a stream begins, babeltrace2 does not know how many.
BEFORE = re.compile(r".*Tracer (may have )?discarded events .*")


def told(reader, trace):
    """How many events were lost, as a reader says, which says nothing else."""
    done = subprocess.run([reader, path(trace)], capture_output=True, text=True, errors="replace")
    said = [line for line in done.stderr.splitlines() if line and not BEFORE.fullmatch(line)]
    matches = list(map(DISCARDED.match, said))
    assert not done.returncode and all(matches), f"{reader} {trace}: {done.returncode}\n{done.stderr[:2000]}"
    return sum(int(match[1]) for match in matches), done.stdout


def parts(trace):
    found = sorted(name for name in os.listdir(path(trace)) if name.isdigit())
    return [os.path.join(trace, name) for name in found] or [trace]


def quiet(trace):
    """Read by both, and nothing said but how many were lost. babeltrace counts those of a part again in
    each later part."""
    for reader in "babeltrace2", "babeltrace":
        numbers, texts = zip(*(told(reader, part) for part in parts(trace)))
        if reader == "babeltrace2" or len(numbers) == 1:
            assert sum(numbers) == lost(trace), f"{reader}: {numbers} lost, {stats(trace)}"
        assert any(texts), f"{reader}: no event"
    return None


def read(trace):
    """The events of a trace: (CPU, name, fields, time), in the order of each CPU."""
    last = {}
    for message in bt2.TraceCollectionMessageIterator(path(trace)):
        if type(message) is bt2._EventMessageConst:
            event, time = message.event, message.default_clock_snapshot.value
            cpu = int(event.packet.context_field["cpu_id"])
            assert time >= last.get(cpu, 0), "time goes back"
            last[cpu] = time
            yield cpu, event.name, event.payload_field, time


def stats(trace):
    """Where the events of a trace went: sums over the CPUs."""
    names, *lines = (line.split() for line in text(f"{trace}.stats").splitlines())
    return {name: sum(int(line[i]) for line in lines) for i, name in enumerate(names)}


def lost(trace):
    return sum(value for name, value in stats(trace).items() if name.startswith("lost_"))


def fired(name):
    """Of each CPU, how many in each context."""
    return {int(cpu): [int(n) for n in numbers.split()]
            for cpu, numbers in re.findall(r"cpu(\d+) (.*)", text(name))}


def numbers(trace):
    """Of each CPU and context, the numbers of its markers; each is as it was fired."""
    found = {}
    for cpu, name, payload, _ in read(trace):
        if name == "fired":
            number = int(payload["number"])
            assert number ^ int(payload["check"]) == 2**64 - 1, f"{trace}: {number}, {payload['check']}"
            found.setdefault((cpu, int(payload["where"])), []).append(number)
    for key, seen in found.items():
        assert seen == sorted(set(seen)), f"{trace}: {key}: not in their order"
    return found


def exactly(trace, before, after, wanted):
    """Of all that were fired those that are wanted, but for those that were counted as lost."""
    first, last, missing, n = fired(before), fired(after), 0, 0
    found = numbers(trace)
    for cpu in last:
        for where in CONTEXTS:
            want = {i for i in range(first[cpu][where] + 1, last[cpu][where] + 1) if wanted(where, i)}
            have = set(found.get((cpu, where), []))
            if have - want:
                return f"CPU {cpu}, {where}: there should not be {sorted(have - want)[:5]}"
            missing += len(want - have)
            n += len(want)
    print(f"# {trace}: {n} wanted, {missing} missing, {lost(trace)} counted as lost")
    # A staged event is counted before its filter has seen it.
    if missing > lost(trace) or n < 500:
        return f"{missing} of {n} are missing, {lost(trace)} are counted"
    return None


def contexts():
    after, before = fired("contexts.fired"), fired("before.fired")
    return [sum(after[cpu][where] - before[cpu][where] for cpu in after) for where in CONTEXTS]


def all_lost_are_counted():
    """Without a filter that throws some away, the sum is exact. The trace that was full has lost its ltt_stop, too."""
    for trace, stop in ("every", 0), ("plain", 0), ("full", 1):
        have = sum(map(len, numbers(trace).values()))
        if have + lost(trace) != sum(contexts()) + stop:
            return f"{trace}: {have} and {lost(trace)} lost of {contexts()}"
    return None


def stacks():
    """A stack after each of the first five that the trigger saw."""
    names = {}
    for cpu, name, payload, _ in read("odd"):
        names.setdefault(cpu, []).append((name, payload))
    n = 0
    for events in names.values():
        n += sum(name == "kernel_stack" for name, _ in events)
    return None if n == 5 else f"{n} stacks"


def histogram():
    """What it has not counted it says: a hit in the instant in which another CPU adds that hit's key is dropped."""
    hits = {int(where): int(n) for where, n in re.findall(r"where: +(\d+).*hitcount: +(\d+)", text("hist"))}
    missing = [n - hits.get(where, 0) for where, n in zip(CONTEXTS, contexts(), strict=True)]
    dropped = int(re.search(r"Dropped: (\d+)", text("hist"))[1])
    return None if min(missing) >= 0 and sum(missing) == dropped else f"{hits}, dropped {dropped}, {contexts()} were fired"


def interrupts():
    """Those that had a handler when the trace began: each once, with its name."""
    with_name = (re.fullmatch(r" *(\d+): .*  (\S.*)", line) for line in text("interrupts").splitlines())
    wanted = sorted((int(match[1]), match[2]) for match in with_name if match)
    have = sorted((int(payload["irq"]), str(payload["name"])) for _, name, payload, _ in read("plain")
                  if name == "ltt_interrupt")
    return None if have == wanted and have else f"{have}, not {wanted}"


SIZES = [0, 1, 1000, 2000, 3900, 4000, 4030, 4060, 4090, 4100, 5000, 8000, 8100, 8200, 9000, 10240]


def large(trace):
    have = []
    for _, name, payload, _ in read(trace):
        if name == "large":
            assert sum(len(payload[f"p{i}"]) for i in range(10)) == int(payload["size"])
            have.append(int(payload["size"]))
    print(f"# {trace}: {have}, {stats(trace)}")
    if have != SIZES[:len(have)] or len(have) < 5:
        return f"not those up to a size: {have}"
    return None if len(have) + stats(trace)["lost_too_big"] == len(SIZES) else f"{len(SIZES) - len(have)} are missing"


def one_text(value):
    """Letters of some changes, and no byte of anything else."""
    return re.fullmatch(r"[a-z]*", value) or re.fullmatch(r"/\S*|\(\w+\)|", value)


def changing():
    n = {}
    for _, name, payload, _ in read("changing"):
        n[name] = n.get(name, 0) + 1
        if name == "shape_strings":
            texts = [payload["first"], payload["second"], payload["part"]]
        elif name == "shape_relative":
            assert int(payload["last"]) == 3
            texts = [payload["text"]]
        elif name == "mark_text":
            assert int(payload["before"]) == int(payload["after"])
            texts = [payload["text"]]
        elif name == "path":
            texts = [payload["path"], payload["again"]]
        elif name == "sys_enter_openat":
            texts = [payload["__filename_val"]]
        else:
            continue
        bad = [str(value) for value in texts if not one_text(str(value))]
        # (What is opened by others has any name.)
        if bad and name not in ("sys_enter_openat", "path"):
            return f"{name}: {bad}"
    print("#", n)
    wanted = {"shape_strings", "shape_relative", "mark_bytes", "mark_text", "sys_enter_openat"}
    return f"not there: {wanted - set(n)}" if wanted - set(n) else None


def filtered():
    between, before = [], []
    for _, name, payload, _ in read("filtered"):
        if name == "shape_strings":
            between.append(int(payload["between"]))
        elif name == "mark_text":
            before.append(int(payload["before"]))
    if max(between) >= 200 or min(before) < 1 or before != list(range(before[0], before[-1] + 1)):
        return f"{max(between)}, {min(before)}"
    return None


def switched():
    n = {}
    for _, name, payload, _ in read("switched"):
        n[name] = n.get(name, 0) + 1
        if name == "fired":
            assert int(payload["number"]) ^ int(payload["check"]) == 2**64 - 1
        elif name == "mark_hex":
            i = int(payload["x_32"])
            assert int(payload["x_64"]) == i << 40 and int(payload["where"]) == i * 16 and int(payload["x_8"]) == i & 255
        elif name == "mark_bytes":
            i = int(payload["last"])
            assert list(map(int, payload["raw"])) == [i + j & 255 for j in range(i % 4)]
    print("#", n)
    if lost("switched"):
        return f"{stats('switched')}"
    return None if n.get("fired") and n.get("mark_hex") and n.get("mark_bytes") else f"{n}"


def came():
    """Each load of the module has fired the same."""
    loads = int(text("loads"))
    seen = {"came": [], "text": [], "went": []}
    for _, name, payload, _ in read("come"):
        if name in seen:
            seen[name].append(int(payload["number"]))
            assert name != "text" or str(payload["name"]) == "ltt_come"
            assert name != "went" or int(payload["long"]) == int(payload["number"]) << 32
    for name, have in seen.items():
        if sorted(have) != list(range(1, loads + 1)):
            return f"{name}: {len(have)} of {loads}: {have[:10]}"
    print(f"# {loads} loads")
    return None


def newest():
    """A flight recorder has the newest of each CPU: no gap, and the last one."""
    last, have = fired("four.fired"), {}
    for (cpu, where), seen in numbers("two").items():
        if seen != list(range(seen[0], last[cpu][where] + 1)):
            return f"CPU {cpu}, {where}: {len(seen)} from {seen[0]} to {seen[-1]} of {last[cpu][where]}"
        have[cpu] = have.get(cpu, 0) + len(seen)
    kept = sum(1 for _ in read("two"))
    numbers_of = stats("two")
    if kept + numbers_of["overwritten"] != numbers_of["committed"]:
        return f"{kept} are there, {numbers_of}"
    return None if sorted(have) == sorted(last)[:len(have)] and numbers_of["overwritten"] > 0 else f"{have}"


def shapes():
    small, integers = [], []
    for _, name, payload, _ in read("four"):
        if name == "shape_small":
            small.append(int(payload["byte"]))
        elif name == "shape_integers":
            integers.append(int(payload["u_16"]))
    if small != [i & 255 for i in range(2000) if i & 255 < 50]:
        return f"{len(small)} small"
    return None if integers == [i * 3 & 65535 for i in range(2000)] else f"{len(integers)} integers"


def contents():
    """Each has its own events and no other's, and contexts or not."""
    own = {"one": {"fired"}, "two": {"fired"}, "three": {"fired"}, "four": {"shape_small", "shape_integers"}}
    for trace, wanted in own.items():
        have = {name for _, name, _, _ in read(trace) if not name.startswith("ltt_")}
        context = "event.context" in text(f"{trace}/metadata")
        if have != wanted or context != (trace in ("one", "three")):
            return f"{trace}: {have}, contexts {context}"
    return None


def gaps():
    """Each mark has a time between what the program has read before and after it."""
    times = [tuple(map(int, line.split())) for line in text("gaps.times").splitlines()]
    marks = [time for _, name, payload, time in read("gaps") if name == "print" and "mark " in str(payload["buf"])]
    far = 0
    for (i, first, last), time in zip(times, marks, strict=True):
        if not first <= time <= last:
            return f"mark {i} at {time}, between {first} and {last}"
        far += i > 0 and time - marks[i - 1] >= 2**27
    print(f"# {far} of {len(marks)} at least 2^27 ns after the one before")
    return None if far > 5 else f"only {far} are far"


names = [name[:-6] for name in sorted(os.listdir(out)) if name.endswith(".stats")]
for name in names:
    result(f"{name}: babeltrace2 and babeltrace read it", quiet, name)
result("every: each event that was fired, in each context", exactly, "every", "before.fired", "contexts.fired", lambda where, i: True)
result("odd: those that the filter lets pass", exactly, "odd", "before.fired", "contexts.fired", lambda where, i: i & 1)
result("plain: each, unstaged", exactly, "plain", "before.fired", "contexts.fired", lambda where, i: True)
result("recorded and lost are what was fired", all_lost_are_counted)
result("a trigger takes five stacks", stacks)
result("each interrupt has its name", interrupts)
if there("hist"):
    result("a histogram has counted each", histogram)
for name in "large", "staged", "wide":
    result(f"{name}: an event of any size is recorded, or counted", large, name)
result("wide: an event of any size is staged in larger sub-buffers", lambda: stats("wide")["lost_too_big"] or None)
result("strings that change are strings", changing)
result("with a filter, too", filtered)
if "switched" in names:
    result("what was switched is whole", switched)
    result("a module's markers come each time", came)
    result("one of four: what its filter lets pass", exactly, "one", "four.before", "four.fired", lambda where, i: i & 1)
    result("two of four: the newest", newest)
    result("three of four: those of interrupts", exactly, "three", "four.before", "four.fired", lambda where, i: where == 1)
    result("four of four: events of another module", shapes)
    result("each has its own events", contents)
    result("each time is that at which the event was", gaps)
sys.exit(failed > 0)
