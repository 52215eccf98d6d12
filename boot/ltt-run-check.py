#!/usr/bin/python3
"""ltt-run-check.py NAME DIR: what boot/guest/ltt-crash.sh has left, read by babeltrace2 and
babeltrace, against the witness."""
import collections, json, os, re, struct, subprocess, sys
import bt2

name, out = sys.argv[1:]
root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
failed = 0


def result(what, error):
    global failed
    print("not ok" if error else "ok", f"- {name}: {what}")
    if error:
        print("#", str(error).replace("\n", "\n# "))
        failed += 1


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, errors="replace")


def quiet(trace):
    for reader in "babeltrace2", "babeltrace":
        done = run(reader, trace)
        if done.returncode or done.stderr:
            return f"{reader}: {done.returncode}\n{done.stderr[:2000]}"
    return None


def read(trace):
    """The events of each CPU."""
    cpus = {}
    for message in bt2.TraceCollectionMessageIterator(trace):
        if type(message) is bt2._EventMessageConst:
            event = message.event
            time = message.default_clock_snapshot.value
            events = cpus.setdefault(int(event.packet.context_field["cpu_id"]), [])
            assert not events or time >= events[-1][0], "time goes back"
            events.append((time, event.name, event.payload_field))
    return cpus


def recovered_again():
    done = run(f"{root}/build/relay-tools/relayctl", "recover", "-o", f"{out}/again", f"{out}/bank")
    if done.returncode not in (0, 3):
        return done.stderr
    done = run("diff", "-r", f"{out}/recovered", f"{out}/again")
    return done.stdout[:1000] if done.returncode else None


def split(trace):
    """One event was not committed: what came after it, in the same sub-buffer, is a packet."""
    with open(f"{out}/recovered.json") as file:
        cpus = {cpu["cpu"]: cpu["subbufs"] for cpu in json.load(file)[0]["channels"][0]["cpus"]}
    packets = collections.Counter(int(message.packet.context_field["cpu_id"])
                                  for message in bt2.TraceCollectionMessageIterator(trace)
                                  if type(message) is bt2._PacketBeginningMessageConst)
    events = read(trace)
    died = [cpu for cpu in cpus if any(what == "panic" for _, what, _ in events[cpu])]
    print(f"# sub-buffers {cpus}, packets {dict(packets)}, died on {died}")
    # (And one that tells the end.)
    if any(packets[cpu] != cpus[cpu] + 1 + (cpu in died) for cpu in cpus) or len(died) != 1:
        return "no packet for what came after the gap"
    after = [what for _, what, _ in events[died[0]]]
    after = after[after.index("panic"):]
    return None if "kernel_stack" in after and "shape_outer" not in after else f"after it: {after}"


def witnessed(cpu, events):
    """Of each CPU the last number is the last that was counted, or the one after that."""
    with open(f"{out}/witness", "rb") as file:
        counted = struct.unpack("<4Q", file.read(32))[cpu]
    seen = [int(payload["number"]) for _, what, payload in events if what == "witness"]
    print(f"# CPU {cpu}: last witness {seen[-1:]}, {counted} counted")
    if not seen or seen != list(range(seen[0], seen[-1] + 1)):
        return "the numbers do not follow each other"
    return None if seen[-1] - counted in (0, 1) else "not the last one"


def to_the_end(cpus, end, kinds):
    for cpu in range(int(os.environ.get("CPUS", 4))):
        events = cpus.get(cpu, [])
        there = {what for _, what, _ in events}
        print(f"# CPU {cpu}: {len(events)} events of {len(there)} kinds, at the end {[what for _, what, _ in events[-4:]]}")
        if not events or events[-1][1] != "ltt_end" or not re.search(end, str(events[-1][2]["reason"])):
            return f"CPU {cpu}: it ends with {events[-1:]}"
        error = None if name == "boot" else witnessed(cpu, events)
        if error:
            return f"CPU {cpu}: {error}"
    there = {what for events in cpus.values() for _, what, _ in events}
    return f"not there: {kinds - there}" if kinds - there else None


def probed(cpus):
    """The events that ltt-probes.sh has set off."""
    events = sorted((time, what, payload) for events in cpus.values() for time, what, payload in events)
    by_name = {}
    for _, what, payload in events:
        by_name.setdefault(what, []).append(payload)
    print("#", {what: len(payloads) for what, payloads in by_name.items()})
    pairs = [("open", "opened")]
    if os.path.exists(f"{out}/functions"):
        pairs.append(("called", "returned"))
    for entry, end in pairs:
        paths = [str(payload["path"]) for payload in by_name[entry]]
        if "/etc/relay.dir" not in paths or not any(int(payload["fd"]) >= 3 for payload in by_name[end]):
            return f"{end}: {paths}"
    if not by_name["entered"]:
        return "no program was entered"
    words = {name: str(value) for name, value in by_name["entered"][0].items() if name.startswith("words")}
    if words != {"words_0": "/tmp/programs/busybox", "words_1": "cat", "words_count": "3"}:
        return f"a program was entered with {words}"
    joined = [(int(payload["n"]), str(payload["text"])) for payload in by_name["joined"]]
    if joined != list(enumerate(["", "x", "relay", "a text of some length, odd", ""])) or \
            any(int(payload["time"]) > 10**9 for payload in by_name["joined"]):
        return f"joined: {by_name['joined']}"
    if len(by_name["kernel_stack"]) != 2:
        return f"{len(by_name['kernel_stack'])} stacks"
    if len(by_name["shape_names"]) != 2 + 2:
        return f"{len(by_name['shape_names'])} after an enable_event"
    return None if events[-1][1] == "ltt_stop" else f"the last is {events[-1]}"


if name == "live":
    trace = f"{out}/recovered/live"
    result("babeltrace2 and babeltrace read it", quiet(trace))
    result("each event is there", probed(read(trace)))
    sys.exit(failed > 0)
if name == "all":
    trace = f"{out}/recovered/everything"
    result("babeltrace2 and babeltrace read it", quiet(trace))
    events = [what for events in read(trace).values() for _, what, _ in events]
    with open(f"{out}/counted") as file:
        committed, lost = map(int, file.read().split())
    print(f"# {len(events)} events of {len(set(events))} kinds, {committed} committed, {lost} lost")
    result("each event that was committed is there", None if len(events) == committed else "they are not")
    result("of many kinds, and stacks", None if len(set(events)) > 80 and events.count("kernel_stack") == 20 else
           f"{events.count('kernel_stack')} stacks")
    sys.exit(failed > 0)
if name == "line":
    trace = f"{out}/recovered/line"
    result("babeltrace2 and babeltrace read it", quiet(trace))
    there = {what for events in read(trace).values() for _, what, _ in events}
    wanted = {"vfs_read", "vfs_open_0", "sys_enter_read"}
    result("the probes have seen the command", f"not there: {wanted - there}" if wanted - there else None)
    sys.exit(failed > 0)
trace = f"{out}/recovered/{'boot' if name == 'boot' else 'flight'}"
common = {"sched_switch", "softirq_entry"}
crashed = {"open", "sys_enter_openat", "block_rq_issue", "panic", "kernel_stack"}
end, kinds = {
    "panic": ("^sysrq triggered crash$", crashed),
    "inside": ("^relay-ltt: told to die inside an event$", crashed),
    "kdump": ("^not known$", crashed),
    "reset": ("^not known$", {"open", "sys_enter_openat"}),
    "kexec": ("^kexec$", {"open", "sys_enter_reboot"}),
    "boot": ("^VFS: Unable to mount root|^No working init found", {"initcall_start", "initcall_level", "ltt_thread"}),
}[name]
result("babeltrace2 and babeltrace read what was recovered", quiet(trace))
result("each CPU's last event is the last one committed, and tells the end", to_the_end(read(trace), end, kinds | common))
if name == "inside":
    result("what came after the event that was not committed is a packet", split(trace))
result("a copy of the bank gives the same", recovered_again())
sys.exit(failed > 0)
