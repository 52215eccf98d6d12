#!/usr/bin/python3
"""bench-report.py DIR JSON: the figures of relay_bench.ko in DIR/time and
DIR/count, of relay_drain in DIR/drain, of bench-recovery.sh in DIR/recovery, of bench-record.sh in DIR/record and of
bench-recorders.sh in DIR/recorders, as a table and as JSON, and DIR/*.dat for bench.gp. Exit status 1 when a figure misses
its bar. A new group of figures is one function in SECTIONS."""
import json, operator, os, re, statistics, sys

LENGTHS = [8, 32, 64, 256, 1024, 4096]


def read_figures(path):
    """{(key, ...): nanoseconds or instructions for one write, or a ratio of two}"""
    figures = {}
    for line in open(path):
        word = dict(w.split("=") for w in line.split()[1:])
        value = int(word.pop("median", None) or word.pop("ratio")) / 1000
        for key in "mean", "min":
            word.pop(key, None)
        figures[tuple(sorted(word.items()))] = value
    return figures


def figure(figures, **key):
    return figures[tuple(sorted((k, str(v)) for k, v in key.items()))]


class Report:
    OPS = {"<=": operator.le, ">=": operator.ge}

    def __init__(self):
        self.rows = []
        self.notes = []

    def add(self, name, ours, other, bar="reported", unit="ns", ratio=None):
        ratio = ours / other if ratio is None else ratio
        self.rows.append({"name": name, "ours": round(ours, 2), "other": round(other, 2),
                          "ratio": round(ratio, 3), "bar": bar, "unit": unit})

    def add_times(self, name, figures, side, other, bar="reported", **key):
        """The ratio is that of each round, not of the medians."""
        self.add(name, figure(figures, side=side, **key), figure(figures, side=other, **key), bar,
                 ratio=figure(figures, side=side, other=other, **key))

    @classmethod
    def met(cls, row):
        if row["bar"] == "reported":
            return True
        op, limit = row["bar"].split()
        return cls.OPS[op](row["ratio"], float(limit))

    def print(self):
        width = max(len(row["name"]) for row in self.rows)
        print(f"\n{'':{width}}  {'ours':>8} {'other':>8}  {'':12} {'ratio':>6}  bar")
        for row in self.rows:
            verdict = "" if row["bar"] == "reported" else "ok" if self.met(row) else "MISS"
            print(f"{row['name']:{width}}  {row['ours']:8.1f} {row['other']:8.1f}  {row['unit']:12} "
                  f"{row['ratio']:6.2f}  {row['bar']:9} {verdict}".rstrip())
        print(*self.notes, sep="\n")


def add_bars(report, time, count):
    def add(name, side, other, bar, constant=1):
        report.add_times(name, time, side, other, bar, mode="overwrite", reader=0, len=32, constant=constant)

    for constant, suffix in (1, ""), (0, ", length not a constant"):
        add("relay_write / stock __relay_write" + suffix, "write", "stock", "<= 1.4", constant)
        add("reserve+fill+commit / stock __relay_write" + suffix, "slot", "stock", "<= 1.4", constant)
    add("relay_write / ftrace", "write", "ftrace", "<= 0.35")
    add("reserve+fill+commit / ftrace", "slot", "ftrace", "<= 0.35")
    add("relay_write to a global buffer / ftrace", "global", "ftrace", "<= 0.55")
    add("relay_write to a global buffer / BPF ring buffer", "global", "bpf", "<= 0.6")


def add_scaling(report, time, count):
    def at(side, cpus):
        return figure(time, mode="overwrite", len=32, cpus=cpus, side=side)

    def gain(side):
        return 2 * at(side, 1) / at(side, 2)

    report.add("two CPUs against one: relay_write / memcpy", gain("write"), gain("copy"), ">= 0.95", "times one",
               figure(time, mode="overwrite", len=32, side="write", other="copy", gain=2))
    report.add("two CPUs on one global buffer / ftrace", at("global", 2), at("ftrace", 2))
    report.add("two CPUs on one global buffer / BPF ring buffer", at("global", 2), at("bpf", 2), "<= 1.0",
               ratio=figure(time, mode="overwrite", len=32, cpus=2, side="global", other="bpf"))


def add_counts(report, time, count):
    def at(side, constant=1):
        key = {"mode": "overwrite", "reader": 0, "len": 32, "constant": constant}
        return figure(count, side=side, **key) - figure(count, side="empty", **key)

    def add(name, ours, other, constant=1, bar="reported"):
        report.add("instructions: " + name, at(ours, constant), at(other, constant), bar, "instructions")

    add("relay_write / stock relay_write", "write", "stock_irq")
    add("relay_write / stock relay_write, length not a constant", "write", "stock_irq", 0)
    add("relay_write / stock __relay_write", "write", "stock")
    add("reserve+fill+commit / stock relay_write", "slot", "stock_irq")
    add("reserve+fill+commit / stock relay_write, length not a constant", "slot", "stock_irq", 0)
    add("relay_write to a global buffer / stock relay_write", "global", "stock_irq")
    add("relay_write / ftrace", "write", "ftrace")
    add("relay_write, reserved area / ordinary memory", "reserved", "write", bar="<= 1.05")


def add_lengths(report, time, count):
    modes = {"overwrite": "overwrite", "keep": "no-overwrite"}
    for mode, title in modes.items():
        for reader, suffix in (0, ""), (1, ", live reader"):
            for length in LENGTHS:
                key = {"mode": mode, "reader": reader, "len": length, "constant": 1}
                for side, name in ("write", "relay_write"), ("slot", "reserve+fill+commit"):
                    report.add_times(f"{name} / stock, {length} bytes, {title}{suffix}", time, side, "stock", **key)


def add_drain(report, folder):
    """GB/s, so that more is better on both sides."""
    rate = {}
    for line in open(folder + "/drain"):
        word = dict(w.split("=") for w in line.split()[1:])
        rate[word["side"]] = int(word["bytes"]) / int(word["ns"])
    report.add("drain: mmap consumer / memcpy", rate["mmap"], rate["memcpy"], ">= 0.8", "GB/s")
    report.add("drain: splice to tmpfs / read and write", rate["splice"], rate["read_write"], ">= 1.1", "GB/s")
    report.add("drain: splice to /dev/null / memcpy", rate["splice_null"], rate["memcpy"], unit="GB/s")


def add_recovery(report, folder):
    """Of what another boot has left, and how much of a bank is not data. Both sides
    are the best of some boots: in each another emulated CPU may have its turn."""
    text = open(folder + "/recovery").read()
    value = {}
    for name, number in re.findall(r"(\w+)=(\d+)", text):
        value.setdefault(name, []).append(int(number))
    value = {name: min(numbers) for name, numbers in value.items()}
    report.add("relayctl recover / memcpy of the same memory", value["recovery_us"],
               value["memcpy_us"], unit="us")
    report.add("1 MiB on 4 CPUs: what is not data / all", value["format"] / 1024, 1024, "<= 0.02", "KiB")


def add_record(report, folder):
    """At the first rate at which cat lost some and relayctl none, or the highest."""
    lost = {}
    for line in open(folder + "/record"):
        if line.startswith("record reader="):
            word = dict(w.split("=") for w in line.split()[1:])
            lost[word["reader"]] = int(word["lost"])
    report.add("lost: relayctl record / cat", lost["record"], max(lost["cat"], 1), "<= 0", "records")


def add_recorders(report, folder):
    """A recording without an event has its own row, and is not part of what a GB costs.
    trace-cmd records into a file for each CPU, and at the end copies them into one, which is
    in its time. relayctl makes check sums of the data in user space; QEMU emulates the
    instructions for that slowly, so that the kernel's part has a row, too."""
    empty, per_gb, in_kernel = {}, {}, {}
    for line in open(folder + "/recorders"):
        word = dict(w.split("=") for w in line.split()[1:])
        side, system, stored = word["side"], int(word["system_ms"]), int(word["bytes"])
        ms = system + int(word["user_ms"])
        if word["events"] == "0":
            empty.setdefault(side, []).append(ms)
            before = ms, system, stored
        else:
            gigabytes = (stored - before[2]) / 1e9
            per_gb.setdefault(side, []).append((ms - before[0]) / gigabytes)
            in_kernel.setdefault(side, []).append((system - before[1]) / gigabytes)
    for what, values in ("CPU time for 1 GB of events", per_gb), ("CPU time for 1 GB of events, in the kernel", in_kernel), \
                        ("CPU time to begin and end", empty):
        report.add(f"{what}: relayctl record / trace-cmd record", statistics.median(values["relayctl"]),
                   statistics.median(values["tracecmd"]), unit="ms")


def ltt_figures(path):
    figures = {}
    for line in open(path):
        if line.startswith("figure "):
            word = dict(w.split("=") for w in line.split()[1:])
            what = "median" if "median" in word else "ratio"
            figures[word["event"], word["side"], word.get("other", what)] = int(word[what]) / 1000
    return figures


def add_ltt(report, folder):
    """The cost of events, without a context and with one, which ftrace's always have."""
    count, time = ltt_figures(folder + "/ltt-count"), ltt_figures(folder + "/ltt-time")
    bars = {"small": 0.6, "sched_switch": 0.6, "dynamic": 0.66, "rejected": 1.25}
    for event, bar in bars.items():
        for side, suffix in ("bare", ""), ("ltt", ", with its context"):
            if event == "rejected" and side == "ltt":
                continue
            report.add(f"instructions: {event} event / ftrace{suffix}", count[event, side, "median"],
                       count[event, "ring", "median"], f"<= {bar}", "instructions")
    for event in "small", "sched_switch", "dynamic":
        for side, suffix in ("bare", ""), ("ltt", ", with its context"):
            report.add(f"{event} event / ftrace{suffix}", time[event, side, "median"], time[event, "ring", "median"],
                       "<= 0.8", ratio=time[event, side, "ring"])


def add_lttng(report, folder):
    """Both sides in one boot, in turns, with the same seven fields. bench-lttng.sh says what differs."""
    folder += "/lttng"
    if os.path.exists(folder + "/missing"):
        report.notes.append("no figures of lttng-modules: " + open(folder + "/missing").read().strip())
        return
    for name, side, what, bar in (
            ("same", "bare", "the same clock, no context", "<= 0.8"),
            ("own", "bare", "each its own clock, no context", "reported"),
            ("context", "ltt", "the same clock, 4 fields of context", "reported")):
        path = f"{folder}/{name}"
        figures = ltt_figures(path)
        version = re.search(r"^lttng version=(\S+)", open(path).read(), re.M)[1]
        report.add(f"instructions: sched_switch event / lttng-modules {version}, {what}",
                   figures["sched_switch", side, "median"], figures["sched_switch", "peer", "median"], bar, "instructions",
                   figures["sched_switch", side, "peer"])


def add_compile(report, folder):
    times, counted = {}, {}
    for line in open(folder + "/compile"):
        kind, *words = line.split()
        word = dict(w.split("=") for w in words)
        key = word["kinds"], word["side"]
        if kind == "compile":
            times.setdefault(key, []).append(int(word["ns"]) / 1e6)
        else:
            total = counted.setdefault(key, {"n": 0, "bytes": 0, "lost": 0})
            for what in total:
                total[what] += int(word[what])
    none = times["many", "none"]
    added = {side: sorted(t - n for t, n in zip(times["many", side], none))[len(none) // 2] for side in ("ring", "ltt")}
    size = {key: count["bytes"] / count["n"] for key, count in counted.items()}
    for kinds, name, bars in ("few", "the scheduler and interrupts", ("<= 0.85", "<= 1.0")), \
                             ("many", "system calls, too", ("<= 0.85", "<= 1.0")):
        report.add(f"bytes of an event, a compile, {name} / ftrace", size[kinds, "bare"], size[kinds, "ring"], bars[0], "bytes")
        report.add(f"bytes of an event, a compile, {name} / ftrace, with its context", size[kinds, "ltt"],
                   size[kinds, "ring"], bars[1], "bytes")
    report.add("a compile: lost events", sum(count["lost"] for (_, side), count in counted.items() if side != "ring"), 1,
               "<= 0", "events")
    # (Smaller than what the rounds differ by: no bar.)
    report.add("a compile: time that events add / ftrace", added["ltt"], added["ring"], unit="ms")


SECTIONS = (add_bars, add_scaling, add_counts, add_lengths)


def write_data(report, time, folder):
    """What bench.gp draws."""
    with open(folder + "/lengths.dat", "w") as f:
        for length in LENGTHS:
            print(length, *(figure(time, mode="overwrite", reader=0, len=length, constant=1, side=side)
                            for side in ("copy", "stock", "write", "slot", "global", "ftrace")), file=f)
    with open(folder + "/bars.dat", "w") as f:
        for row in report.rows:
            if row["bar"].startswith("<="):
                print(f'"{row["name"]}"', row["ratio"], row["bar"].split()[1], sep="\t", file=f)


def main(folder, path):
    time, count = read_figures(folder + "/time"), read_figures(folder + "/count")
    report = Report()
    for section in SECTIONS:
        section(report, time, count)
    add_drain(report, folder)
    add_recovery(report, folder)
    add_record(report, folder)
    add_recorders(report, folder)
    add_ltt(report, folder)
    add_lttng(report, folder)
    add_compile(report, folder)
    report.print()
    with open(path, "w") as f:
        json.dump(report.rows, f, indent=1)
        f.write("\n")
    write_data(report, time, folder)
    missed = [row["name"] for row in report.rows if not report.met(row)]
    for name in missed:
        print("missed its bar:", name)
    return 1 if missed else 0


sys.exit(main(*sys.argv[1:]))
