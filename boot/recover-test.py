#!/usr/bin/env python3
"""recover-test.py DIR: relayctl recover (DIR/tools) on areas by recover-test
(DIR/user), in every kind of file. Tests as ok and not ok lines."""
import errno, importlib, json, os, random, re, resource, shutil, signal, struct, subprocess, sys
import bt2
from crc32c import crc32c

ROOT = sys.argv[1]
SEED = int(os.environ.get("SEED", "1"))
MUTANTS = int(os.environ.get("MUTANTS", "200"))
RELAYCTL = f"{ROOT}/tools/relayctl"
OUT = f"{ROOT}/out"
BASE = 0x1230000            # of the area in a machine's memory
STATE = 264                 # offset of relay_bank.state
HEAD = 416                  # size of the header
CHANNEL_USED = 0x43686e31   # RELAY_BANK_CHANNEL_USED
FORMAT = 4                  # RELAY_BANK_FORMAT
COPY = 4096                 # offset of its copy
REASON = "Kernel panic - not syncing: tested"
os.environ["ASAN_OPTIONS"] = "detect_leaks=1"
random.seed(SEED)
count = failed = 0


def test(name):
    """Run the function, and report it."""
    def run(function):
        global count, failed
        count += 1
        try:
            function()
            print(f"ok {count} - {name}", flush=True)
        except OSError as error:
            # Of 32 bits, and this machine's kernel runs no such program.
            left_out = error.errno == errno.ENOEXEC and error.filename.endswith("-32")
            failed += not left_out
            print(f"{'ok' if left_out else 'not ok'} {count} - {name}{' # SKIP' * left_out}\n# {error!r}",
                  flush=True)
        except (AssertionError, subprocess.TimeoutExpired, KeyError, ValueError, bt2._Error) as error:
            failed += 1
            print(f"not ok {count} - {name}\n# {error!r}\n# SEED={SEED}", flush=True)
    return run


def relayctl(*args, path=None):
    env = dict(os.environ, PATH=path) if path else None
    run = subprocess.run([RELAYCTL, *args], stdin=subprocess.DEVNULL, capture_output=True, timeout=600, env=env)
    assert run.returncode in (0, 1, 2, 3) and b"Sanitizer" not in run.stderr and b"runtime error" not in run.stderr, \
        (args, run.returncode, run.stderr[-2000:])
    return run


def index_entries(channel, name="index"):
    """The index of what was recovered of a channel: struct index_entry, without its header."""
    with open(f"{OUT}/{channel}/{name}", "rb") as file:
        return list(struct.iter_unpack("<IIQQII4Q4I", file.read()[128:]))


def make_area(program, seed):
    """The area, and per bank and channel and CPU the records that must come back."""
    env = dict(os.environ, SEED=str(seed))
    said = subprocess.run([f"{ROOT}/user/{program}", "area", f"{ROOT}/area"], env=env, check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    records = {}
    for line in said.splitlines():
        bank, channel, cpu, number, length = line.split()
        key = int(bank), channel.replace("/", "_"), int(cpu)
        records.setdefault(key, []).append((int(number), int(length)))
    with open(f"{ROOT}/area", "rb") as file:
        return file.read(), records


def parse(data):
    """Records in what cat printed; between them are headers and zeroes."""
    records, at = [], 0
    while at < len(data):
        if data[at] in (0, ord("h")):
            at += 1
            continue
        magic, length, number, _ = struct.unpack_from("<BIIQ", data, at)
        assert magic == 0xa5 and length >= 17 and at + length <= len(data), f"torn at {at}"
        records.append((number, length))
        at += length
    return records


def stored(bank, where):
    """The records of a bank that were stored."""
    records = {}
    for channel in sorted(os.listdir(where)):
        if not os.path.isdir(f"{where}/{channel}"):
            continue
        for name in sorted(os.listdir(f"{where}/{channel}")):
            if name.startswith("cpu"):
                cat = relayctl("cat", "-q", "-c", name[3:], f"{where}/{channel}")
                assert cat.returncode == 0, cat.stderr
                if parse(cat.stdout):
                    records[bank, channel, int(name[3:])] = sorted(parse(cat.stdout))
    return records


def recover(source, *args, status=0):
    shutil.rmtree(OUT, ignore_errors=True)
    run = relayctl("recover", "-o", OUT, "-j", *args, source)
    assert run.returncode == status, (run.returncode, run.stderr)
    return json.loads(run.stdout) if run.stdout else None


def expected(records, bank):
    return {key: sorted(value) for key, value in records.items() if key[0] == bank}


def write(name, data):
    with open(f"{ROOT}/{name}", "wb") as file:
        file.write(data)
    return f"{ROOT}/{name}"


def with_end(area, bank, text):
    """An area of which the bank's end is noted, or with None is not."""
    end = struct.pack("<QII128s", 1700000100 * 10**9, 1, 0, (text or "").encode())
    for copy in 0, COPY:
        at = bank * len(area) // 2 + copy + STATE + 4
        area = area[:at] + struct.pack("<I", crc32c(end) ^ (text is None)) + end + area[at + 4 + len(end):]
    return area


def image(area):
    """Memory, with what is not an area around it."""
    return random.randbytes(BASE) + area + b"RELAYRES" + random.randbytes(99999)


def vmcore(area, bits, note=True, without=None, zeroes=None, twice=None, also=()):
    """A vmcore of which the memory is in pieces, the last one first; without one of them,
    with zeroes left out, or with a piece of it once more. Also with segments (ADDRESS,
    FROM, TO) of bytes of the area that are in the file already."""
    cuts = [0, *(zeroes or (0x7000, 0x31000)), len(area)]
    loads = [(BASE + a, area[a:b]) for a, b in zip(cuts, cuts[1:]) if a != without]
    loads = [(0, random.randbytes(8192))] + loads[::-1]
    if twice:
        loads.append((BASE + twice[0], area[twice[0]:twice[1]]))
    info = f"OSRELEASE=7.3.0\nRELAYRES={BASE:x}:{len(area):x}\nEND=1\n".encode() if note else b"OSRELEASE=7.3.0\n"
    notes = struct.pack("<III8s", 5, 4, 1, b"CORE\0\0\0\0") + b"1234"
    notes += struct.pack("<III12s", 11, len(info), 0, b"VMCOREINFO\0\0") + info + bytes(-len(info) % 4)
    segments = [(4, 0, notes, len(notes))] + [(1, at, b"" if zeroes and at == BASE + zeroes[0] else data, len(data))
                                      for at, data in loads]
    head, each = (64, 56) if bits == 64 else (52, 32)
    offset = head + each * (len(segments) + len(also))
    headers = body = b""
    places = {}

    def header(kind, offset, at, size, memory):
        if bits == 64:
            return struct.pack("<IIQQQQQQ", kind, 0, offset, at, at, size, memory, 0)
        return struct.pack("<8I", kind, offset, at, at, size, memory, 0, 0)

    for kind, at, data, memory in segments:
        headers += header(kind, offset, at, len(data), memory)
        places[at - BASE] = offset
        offset += len(data)
        body += data
    for at, begin, end in also:
        piece = max(cut for cut in cuts if cut <= begin)
        headers += header(1, places[piece] + begin - piece, at, end - begin, end - begin)
    form = "<16sHHIQQQIHHHHHH" if bits == 64 else "<16sHHIIIIIHHHHHH"
    ident = b"\x7fELF" + bytes([2 if bits == 64 else 1, 1, 1])
    machine = 62 if bits == 64 else 3
    return struct.pack(form, ident, 4, machine, 1, 0, head, 0, 0, head, each, len(segments) + len(also), 0, 0, 0) + headers + body


def in_segments(loads):
    """A vmcore of 64 bits without notes, with a segment for each (ADDRESS, DATA, SIZE IN MEMORY);
    without data a page that is a hole of the file."""
    offset = 64 + 56 * len(loads)
    with open(f"{ROOT}/vmcore", "wb") as file:
        file.write(struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF" + bytes([2, 1, 1]), 4, 62, 1, 0, 64, 0, 0, 64, 56, len(loads), 0, 0, 0))
        for at, data, memory in loads:
            size = 4096 if data is None else len(data)
            file.write(struct.pack("<IIQQQQQQ", 1, 0, offset, at, at, size, memory, 0))
            offset += size
        for _, data, _ in loads:
            file.write(data) if data is not None else file.seek(4096, 1)
        file.truncate()
        return file.name


def all_back(source, records, *args):
    """Both banks, exactly."""
    recover(source, "--all", *args)
    for bank in (0, 1):
        found, wanted = stored(bank, f"{OUT}/bank{bank}"), expected(records, bank)
        assert found == wanted, [(key, found.get(key), wanted.get(key)) for key in found.keys() | wanted.keys() if found.get(key) != wanted.get(key)]


def all_kinds(program):
    area, records = make_area(program, SEED + 4)
    raw = write("raw", image(area))
    all_back(raw, records, "-a", hex(BASE), "-s", str(len(area)))
    all_back(raw, records, "-a", hex(BASE))
    all_back(raw, records, "-a", f"0{BASE}")
    all_back(raw, records, "--scan")
    for bits in 64, 32:
        all_back(write("vmcore", vmcore(area, bits)), records)
        all_back(write("vmcore", vmcore(area, bits, note=False)), records, "--scan")


@test("every committed record of an area is back, from images and vmcores")
def _():
    all_kinds("recover-test")


@test("and of one that a 32-bit kernel wrote")
def _():
    all_kinds("recover-test-32")


@test("of an area of any size, whatever the pages of the kernel that wrote were")
def _():
    area, records = make_area("recover-test", SEED + 4)
    for odd in 0x1000, 0x10000, 0x1f000:
        whole = area + random.randbytes(odd)
        all_back(write("raw", image(whole)), records, "-a", hex(BASE), "-s", str(len(whole)))
        all_back(write("vmcore", vmcore(whole, 64)), records)


@test("without a choice it is the newest boot that is not released")
def _():
    area, records = make_area("recover-test", SEED + 9)
    recover(write("raw", area), "-a", "0")
    assert stored(1, OUT) == expected(records, 1)
    area = area[:len(area) // 2 + STATE] + struct.pack("<I", 0x46726531) + area[len(area) // 2 + STATE + 4:]
    said = recover(write("raw", area), "-a", "0")
    assert stored(0, OUT) == expected(records, 0)
    assert [boot["released"] for boot in said] == [False, True]
    recover(f"{ROOT}/raw", "-a", "0", "-b", "1")
    assert stored(1, OUT) == expected(records, 1)


@test("channels of one name are told apart, whatever the others are called")
def _():
    tried = 0
    for seed in range(SEED, SEED + 30):
        area, _ = make_area("recover-test", seed)
        recover(write("raw", area), "-a", "0", "-b", "0")
        whole = stored(0, OUT)
        names = sorted({channel for _, channel, _ in whole})
        if len(names) < 3:
            continue
        table, = struct.unpack_from("<I", area, 48)
        for slot, name in enumerate((b"x", b"x.2", b"x")):
            at = table + 168 * slot
            entry = area[at + 8:at + 104] + name.ljust(64, b"\0")
            area = area[:at + 4] + struct.pack("<I", crc32c(entry)) + entry + area[at + 168:]
        said = recover(write("raw", area), "-a", "0", "-b", "0")[0]
        assert len({channel["channel"] for channel in said["channels"]}) == 3, said
        assert sorted(stored(0, OUT).values()) == sorted(whole.values())
        tried += 1
    assert tried, tried


@test("private areas and what is known of the crash are stored")
def _():
    for seed in range(SEED, SEED + 30):
        area, _ = make_area("recover-test", seed)
        said = recover(write("raw", area), "-a", "0", "-b", "0")[0]
        with open(f"{OUT}/crash") as file:
            facts = dict(line.rstrip("\n").split(": ", 1) for line in file)
        assert facts["generation"] == str(seed) and facts["release"] == "7.3.0-test"
        assert facts["end"] == (said["end"] or "unknown")
        for channel in said["channels"]:
            path = f"{OUT}/{channel['channel']}/private"
            size = channel["private_size"]
            assert (os.path.exists(path) and os.path.getsize(path) == size) if size else not os.path.exists(path)


@test("what there is no space for is counted, and missed by what comes behind it")
def _():
    def small():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    tried = 0
    for turn in range(60):
        seed, limit = SEED + turn // 3, (400, 1000, 3000)[turn % 3]
        area, _ = make_area("recover-test", seed)
        source = write("raw", area)
        shutil.rmtree(OUT, ignore_errors=True)
        run = subprocess.run([RELAYCTL, "recover", "-j", "-a", "0", "-b", "0", "-o", OUT, source],
                             capture_output=True, timeout=600, preexec_fn=small)
        assert run.returncode in (0, 3), run
        entries = []
        for channel in os.listdir(OUT):
            if os.path.exists(f"{OUT}/{channel}/index"):
                entries += [entry for entry in index_entries(channel) if not entry[1] & 1]
        told = [cpu for channel in json.loads(run.stdout)[0]["channels"] for cpu in channel["cpus"]]
        unstored = re.search(rb"^(\d+) sub-buffers with (\d+) records are not stored$", run.stderr, re.M)
        left = [int(number) for number in unstored.groups()] if unstored else [0, 0]
        assert sum(cpu["subbufs"] for cpu in told) == len(entries) + left[0], (seed, limit, len(entries), run.stderr)
        assert sum(cpu["records"] for cpu in told) == sum(entry[5] for entry in entries) + left[1], (seed, limit)
        tried += bool(entries and left[0])
    assert tried > 3, tried


@test("the reason comes from the log in the vmcore")
def _():
    os.makedirs(f"{ROOT}/bin", exist_ok=True)
    with open(f"{ROOT}/bin/vmcore-dmesg", "w") as file:
        file.write(f"#!/bin/sh\n[ -r \"$1\" ] && echo '[    1.000000] before' && echo '[    2.000000] {REASON}'\n")
    os.chmod(f"{ROOT}/bin/vmcore-dmesg", 0o755)
    area, _ = make_area("recover-test", SEED)
    # Where the bank has an end of its own, the log may be that of a later boot.
    for end, told in (("sysrq triggered crash",) * 2, (None, REASON)):
        source = write("vmcore", vmcore(with_end(area, 1, end), 64))
        run = relayctl("recover", "-j", source, path=f"{ROOT}/bin:{os.environ['PATH']}")
        assert [boot["end"] for boot in json.loads(run.stdout)][1] == told, run.stdout
    run = relayctl("recover", source, path=f"{ROOT}/bin:{os.environ['PATH']}")
    assert f"end: {REASON}".encode() in run.stdout


@test("what is damaged is told, and nothing else is missing")
def _():
    tried = 0
    for seed in range(SEED, SEED + 40):
        area, records = make_area("recover-test", seed)
        said = recover(write("raw", area), "-a", "0", "-b", "0")[0]
        whole = stored(0, OUT)
        bad = bytearray(area)
        # A CPU of which every sub-buffer is sealed: the oldest gets one wrong bit.
        sealed = [(c["channel"], cpu) for c in said["channels"] for cpu in c["cpus"] if cpu["sealed"] == cpu["subbufs"] > 0]
        if not sealed:
            continue
        channel, cpu = sealed[0]
        _, _, _, at, used = next(entry[:5] for entry in index_entries(channel) if entry[0] == cpu["cpu"])
        with open(f"{OUT}/{channel}/cpu{cpu['cpu']}", "rb") as file:
            data = file.read()[at:at + used]
        assert area.count(data) == 1
        bad[area.find(data) + random.randrange(used)] ^= 1 << random.randrange(8)
        said = recover(write("raw", bytes(bad)), "-a", "0", "-b", "0", status=3)[0]
        damaged = [(c["channel"], b["cpu"], d["subbuf"]) for c in said["channels"] for b in c["cpus"] for d in b["damaged"]]
        assert len(damaged) == 1 and damaged[0][:2] == (channel, cpu["cpu"]), damaged
        left = stored(0, OUT)
        for key, value in whole.items():
            assert left.get(key) == value or key == (0, channel, cpu["cpu"]), key
        assert set(left.get((0, channel, cpu["cpu"]), [])) < set(whole.get((0, channel, cpu["cpu"]), [(0, 0)]))
        tried += 1
    assert tried > 3, tried


def tables(bank):
    """The layout of a ring's control, and of each channel: its table's entry."""
    layout = struct.unpack_from("<28H", bank, 56)
    table, n = struct.unpack_from("<II", bank, 48)
    entries = [struct.unpack_from("<8I9Q64s", bank, table + i * 168) for i in range(n)]
    return layout, {entry[17].split(b"\0")[0].decode().replace("/", "_"): entry for entry in entries if entry[0] == CHANNEL_USED}


@test("a control that is lost is told, and costs its CPU or its channel")
def _():
    tried = 0
    for seed in range(SEED, SEED + 40):
        area, _ = make_area("recover-test", seed)
        said = recover(write("raw", area), "-a", "0", "-b", "0")[0]
        whole = stored(0, OUT)
        _, entries = tables(area)
        # Of one that was never sealed and never written nothing tells that it was there.
        for channel, cpu in ((c["channel"], cpu) for c in said["channels"] for cpu in c["cpus"] if cpu["sealed"]):
            _, _, _, _, _, _, _, _, _, _, control, stride, *_ = entries[channel]
            at = control + cpu["cpu"] * stride
            bad = area[:at] + bytes(stride) + area[at + stride:]
            told = recover(write("raw", bad), "-a", "0", "-b", "0", status=3)[0]
            gone = [(c["channel"], b["cpu"]) for c in told["channels"] for b in c["cpus"] if "discarded_because" in b]
            assert gone == [(channel, cpu["cpu"])], (gone, channel, cpu)
            assert stored(0, OUT) == {key: value for key, value in whole.items() if key[1:] != gone[0]}
            tried += 1
        for channel in (c["channel"] for c in said["channels"] if any(cpu["sealed"] for cpu in c["cpus"])):
            control, stride, n = entries[channel][10], entries[channel][11], entries[channel][3]
            bad = area[:control] + bytes(stride * n) + area[control + stride * n:]
            recover(write("raw", bad), "-a", "0", "-b", "0", status=3)
            assert stored(0, OUT) == {key: value for key, value in whole.items() if key[1] != channel}
    assert tried > 20, tried


@test("the mark of a reset that cannot be is told, and throws nothing away")
def _():
    for seed in range(SEED, SEED + 10):
        area, _ = make_area("recover-test", seed)
        recover(write("raw", area), "-a", "0", "-b", "0")
        whole = stored(0, OUT)
        layout, entries = tables(area)
        for channel, entry in entries.items():
            at = entry[10] + layout[4] + random.randrange(8)
            bad = bytearray(area)
            bad[at] ^= 1 << random.randrange(8)
            told = recover(write("raw", bytes(bad)), "-a", "0", "-b", "0", status=3)[0]
            doubt = [(c["channel"], b["cpu"]) for c in told["channels"] for b in c["cpus"] if "in_doubt_because" in b]
            assert doubt == [(channel, 0)], doubt
            left = stored(0, OUT)
            assert all(set(value) <= set(left[key]) for key, value in whole.items()), (channel, seed)
    run = relayctl("recover", "-a", "0", "-b", "0", f"{ROOT}/raw")
    assert b"in doubt: the mark of its last reset cannot be" in run.stdout, run


@test("a bank is whole as long as one of its headers is")
def _():
    area, records = make_area("recover-test", SEED)
    for copy in 0, COPY:
        for bad in b"", b"\0" * HEAD, random.randbytes(HEAD), area[copy:copy + 20] + b"\1" + area[copy + 21:copy + HEAD]:
            two = area[:copy] + bad + area[copy + len(bad):]
            all_back(write("raw", two), records, "-a", "0")
            all_back(write("raw", bytes(8192) + two), records, "--scan")
            said = recover(write("bank0", two[:len(two) // 2]))
            assert len(said) == 1 and stored(0, OUT) == expected(records, 0)
    # What changes in a header is taken from either: that it was released, and its end.
    area = with_end(area, 0, "tested")
    for copy in 0, COPY:
        at = copy + STATE
        two = area[:at] + struct.pack("<I", 0x46726531) + area[at + 4:at + 8] + bytes(16) + area[at + 24:]
        said = recover(write("raw", two), "-b", "0")[0]
        assert (said["released"], said["end"]) == (True, "tested"), said


@test("a copy of a bank, or of both, is recovered without another word")
def _():
    area, records = make_area("recover-test", SEED)
    half = len(area) // 2
    for bank in 0, 1:
        said = recover(write("bank", area[bank * half:][:half]))
        assert len(said) == 1 and said[0]["bank"] == 0 and stored(bank, OUT) == expected(records, bank)
        # Also one that was released meanwhile: it was named.
        at = bank * half + STATE
        recover(write("bank", (area[:at] + struct.pack("<I", 0x46726531) + area[at + 4:])[bank * half:][:half]))
        assert stored(bank, OUT) == expected(records, bank)
    all_back(write("area", area), records)
    # What of it was not copied is missing.
    said = recover(write("bank", area[:half - 4096]), status=3)
    assert said[0]["missing_bytes"] == 4096, said


def shown(area, *states):
    """A directory as the kernel shows it: status, banks, release."""
    path = f"{ROOT}/reserved"
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    for bank, half in enumerate((area[:len(area) // 2], area[len(area) // 2:])):
        write(f"reserved/bank{bank}", half)
    write("reserved/release", b"")
    write("reserved/status", "".join(f"bank={bank} state={state} bytes=1 reason=\"x y\"\n" for bank, state in enumerate(states)).encode())
    return path


@test("of the kernel that runs, the banks of boots that have ended are taken, and released")
def _():
    area, records = make_area("recover-test", SEED)

    def released():
        with open(f"{ROOT}/reserved/release") as file:
            return file.read()
    for states, args, wanted in ((("ended", "recording"), (), [0]), (("released", "ended"), (), [1]), (("ended", "ended"), ("-b", "1"), [1]),
                                 (("recording", "empty"), ("-b", "0"), [0]), (("empty", "recording"), (), [])):
        said = recover(shown(area, *states), *args, status=0 if wanted else 1)
        assert [boot["bank"] for boot in said] == wanted, said
        assert not wanted or stored(wanted[0], OUT) == expected(records, wanted[0])
        assert released() == ""
    for args, states in ((), ("ended", "ended")), (("-A",), ("recording", "released")):
        said = recover(shown(area, *states), *args)
        for bank in 0, 1:
            assert stored(bank, f"{OUT}/bank{bank}") == expected(records, bank)
    recover(shown(area, "ended", "ended"), "-r")
    assert released() in ("0\n1\n", "1\n"), released()
    # One that cannot be read keeps the other one not back, is told, and is not released.
    bad = bytearray(area)
    bad[40] ^= 1
    bad[COPY + 40] ^= 1
    said = recover(shown(bytes(bad), "unreadable", "ended"), status=3)
    assert "discarded_because" in said[0] and stored(1, f"{OUT}/bank1") == expected(records, 1)
    recover(f"{ROOT}/reserved", "-r", status=3)
    assert released() == "1\n", released()
    # Nor is one of which a channel is damaged.
    bad = bytearray(area)
    bad[area.find(struct.pack("<I", 0x43686e31)) + 4] ^= 1
    recover(shown(bytes(bad), "ended", "ended"), "-r", status=3)
    assert released() == "1\n", released()
    # Nor is anything, where not all of it is stored.
    recover(shown(area, "ended", "empty"))
    run = relayctl("recover", "-r", "-o", OUT, shown(area, "ended", "empty"))
    assert run.returncode == 3 and released() == "", run


def archive(path, *args, status=0, **kwargs):
    run = subprocess.run([RELAYCTL, "archive", *args, f"{ROOT}/archive", path], capture_output=True, **kwargs)
    assert run.returncode == status, run
    with open(f"{path}/release") as file:
        return sorted(os.listdir(f"{ROOT}/archive")), file.read()


@test("what earlier boots left is archived, and then released")
def _():
    area, records = make_area("recover-test", SEED)
    half = len(area) // 2
    bad = bytearray(area)
    bad[half + 40] ^= 1
    bad[half + COPY + 40] ^= 1
    shutil.rmtree(f"{ROOT}/archive", ignore_errors=True)
    os.makedirs(f"{ROOT}/archive")
    for states in ("empty", "recording"), ("released", "empty"):
        assert archive(shown(area, *states)) == ([], "")
    first, released = archive(shown(area, "ended", "recording"))
    assert first == [f"bank0-20231114T221320Z-{SEED}"] and released == "0\n", (first, released)
    # A bank is archived once, though its release has failed; and what cannot be read is, too.
    names, released = archive(shown(bytes(bad), "ended", "unreadable"))
    assert len(names) == 2 and names[0] == first[0] and names[1].endswith("-unreadable") and released == "0\n1\n", names
    for name, data in zip(names, (bytes(bad[:half]), bytes(bad[half:]))):
        with open(f"{ROOT}/archive/{name}", "rb") as file:
            assert file.read() == data
        assert os.stat(f"{ROOT}/archive/{name}").st_mode & 0o777 == 0o600
    recover(f"{ROOT}/archive/{names[0]}")
    assert stored(0, OUT) == expected(records, 0)


@test("archives are limited by number and by size, and the newest stays")
def _():
    area, _ = make_area("recover-test", SEED)
    new = f"bank0-20231114T221320Z-{SEED}"
    for args, left in (((), 4), (("-k", "9"), 4), (("-k", "3"), 3), (("-k", "1"), 1), (("-s", "1T"), 4), (("-s", "1"), 1),
                       (("-s", "600K"), 2), (("-k", "0"), 1)):
        shutil.rmtree(f"{ROOT}/archive", ignore_errors=True)
        os.makedirs(f"{ROOT}/archive/bank-of-others")
        write("archive/other", b"x")
        for age, name in enumerate(("bank0-3", "bank1-2", "bank0-1"), 1):
            os.utime(write(f"archive/{name}", b"x" * 300000), (10**9 - age,) * 2)
        names, released = archive(shown(area, "ended", "empty"), *args)
        # The oldest go.
        assert names == sorted([new, "bank0-3", "bank1-2", "bank0-1"][:left] + ["bank-of-others", "other"]), (args, names)
        assert released == "0\n"


@test("what cannot be archived is not released, and costs no archive")
def _():
    def small():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (50000, 50000))
    area, _ = make_area("recover-test", SEED)
    shutil.rmtree(f"{ROOT}/archive", ignore_errors=True)
    os.makedirs(f"{ROOT}/archive")
    write("archive/bank0-1", b"x")
    assert archive(shown(area, "ended", "ended"), preexec_fn=small, status=1) == (["bank0-1"], "")
    assert archive(shown(area, "ended", "ended"), "-x", status=2) == (["bank0-1"], "")
    os.remove(f"{ROOT}/reserved/bank0")
    names, released = archive(f"{ROOT}/reserved", status=1)
    assert len(names) == 2 and released == "1\n", (names, released)
    shutil.rmtree(f"{ROOT}/reserved")
    run = subprocess.run([RELAYCTL, "archive", f"{ROOT}/archive", f"{ROOT}/reserved"], capture_output=True)
    assert run.returncode == 1 and b"no reserved area" in run.stderr, run


@test("a damaged header is told, and the other bank is back")
def _():
    area, records = make_area("recover-test", SEED)
    half = len(area) // 2
    for bank, place in ((0, ["-s", str(len(area))]), (1, [])):
        bad = bytearray(area)
        bad[bank * half + 40] ^= 1
        bad[bank * half + COPY + 40] ^= 1
        said = recover(write("raw", bytes(bad)), "-a", "0", *place, status=3)
        assert "discarded_because" in said[bank]
        assert stored(1 - bank, OUT) == expected(records, 1 - bank)
        recover(f"{ROOT}/raw", "--scan")
    recover(write("raw", bytes(half) + area[half:]), "-a", "0", "-s", str(len(area)))
    # Of one bank alone there is nothing else.
    bad = bytearray(area[:half])
    bad[40] ^= 1
    bad[COPY + 40] ^= 1
    run = relayctl("recover", write("bank", bytes(bad)))
    assert run.returncode == 1 and b"its header is damaged" in run.stdout, run


@test("memory that is not in the vmcore is told")
def _():
    area, _ = make_area("recover-test", SEED)
    said = recover(write("vmcore", vmcore(area, 64, without=0x7000)), "-b", "0", status=3)
    assert said[0]["missing_bytes"] == 0x2a000, said[0]
    recover(f"{ROOT}/vmcore", "-b", "1")
    # A bank of which there is nothing at all was perhaps the newest.
    half = len(area) // 2
    said = recover(write("raw", image(area)[:BASE + half]), "-a", hex(BASE), "-s", str(len(area)), status=3)
    assert said[0]["recovered"] and said[1]["discarded_because"] == "it reaches beyond the memory that is there", said[1]
    # What is there twice, as the kernel's text in /proc/vmcore, makes up for nothing.
    for twice in (0, 0x7000), (0x3000, 0x9000), (0x30000, 0x33000):
        said = recover(write("vmcore", vmcore(area, 64, without=0x7000, twice=twice)), "-b", "0", status=3)
        there = min(twice[1], 0x31000) - max(twice[0], 0x7000)
        assert said[0]["missing_bytes"] == 0x2a000 - max(there, 0), (twice, said[0]["missing_bytes"])
    # Pages of zeroes that a dump leaves out are not missing.
    area, records = make_area("recover-test", SEED)
    zeroes = max((match.span() for match in re.finditer(b"\0{64,}", area[:len(area) // 2])), key=lambda at: at[1] - at[0])
    for bits in 64, 32:
        said = recover(write("vmcore", vmcore(area, bits, zeroes=zeroes)), "-b", "0")
        assert said[0]["missing_bytes"] == 0 and stored(0, OUT) == expected(records, 0)
        assert said[0]["left_out_bytes"] == zeroes[1] - zeroes[0], said[0]


@test("a vmcore with a segment for each mapping has its memory once")
def _():
    area, records = make_area("recover-test", SEED)
    again = [(BASE, 0, 0x7000), (BASE + 0x8000, 0x8000, 0x30000), (BASE + 0x31000, 0x31000, len(area)), (BASE + 0x1000, 0x1000, 0x7000)]
    for bits in 64, 32:
        all_back(write("vmcore", vmcore(area, bits, also=again)), records)
        all_back(write("vmcore", vmcore(area, bits, also=again, note=False)), records, "--scan")
    # But not the same bytes at many addresses: a small file would be a large memory.
    many = [(BASE + (i << 24), 0x31000, len(area)) for i in range(1, 4)]
    run = relayctl("recover", write("vmcore", vmcore(area, 64, also=many)))
    assert run.returncode == 1 and b"damaged vmcore" in run.stderr, run


@test("a vmcore with as many segments as there can be is looked through in their time, not in its square")
def _():
    area, records = make_area("recover-test", SEED)
    loads = [(BASE + at, area[at:at + 4096], 4096) for at in range(0, len(area), 4096)]
    loads += [((2 << 32) + (i << 13), None, 4096) for i in range(65534 - len(loads))]
    random.shuffle(loads)
    source = in_segments(loads)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    recover(source, "--scan", "-b", "0")
    took = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    assert stored(0, OUT) == expected(records, 0) and took < 4, took


@test("segments that meet, and zeroes that are left out between them, are there once")
def _():
    for turn in range(40):
        area, records = make_area("recover-test", SEED + turn)
        half = len(area) // 2
        # Pieces that cover the area, and some that are there again; each with zeroes behind
        # it that reach over what is in another.
        places = [random.randrange(random.choice((8192, len(area)))) for _ in range(12)]
        cuts = sorted({0, *places, len(area)})
        pieces = list(zip(cuts, cuts[1:])) + [sorted((place, random.choice(places) + 99)) for place in places[:6]]
        loads = [(BASE + a, area[a:b], b - a + random.choice((0, 0, 4096, len(area)))) for a, b in pieces]
        random.shuffle(loads)
        source = in_segments(loads)
        said = recover(source, "-a", hex(BASE), "-s", str(len(area)), "--bank=0")
        assert said[0]["missing_bytes"] == 0 and stored(0, OUT) == expected(records, 0)
        # Without some of them, what no other has is missing, or left out.
        loads = [(BASE, area[:4096], 4096), (BASE + half, area[half:], half)] + [(at, data[:random.choice((0, 99, None))], memory)
                                               for at, data, memory in loads if random.random() < 0.5]
        there = bytearray(half)
        for have in b"\1", b"\2":
            for at, data, memory in loads:
                a, b = at - BASE, min(at - BASE + (memory if have == b"\1" else len(data)), half)
                there[a:b] = have * (b - a) if a < b else b""
        run = relayctl("recover", "-j", "-a", hex(BASE), "-s", str(len(area)), "--bank=0", in_segments(loads))
        said = json.loads(run.stdout)[0]
        assert said["left_out_bytes"] == there.count(1), (said, there.count(1))
        # (What is left out of what was committed is missing, too.)
        assert 0 <= said["missing_bytes"] - there.count(0) <= there.count(1), (said, there.count(0))


@test("what a dump leaves out of what was committed is missing, unless it is sealed as zeroes")
def _():
    tried = sealed = 0
    for seed in range(SEED, SEED + 100):
        if tried > 1 and sealed > 1:
            break
        area, records = make_area("recover-test", seed)
        said = recover(write("raw", area), "-a", "0", "-b", "0")[0]
        for channel, cpu in ((c["channel"], cpu) for c in said["channels"] for cpu in c["cpus"]):
            if cpu["sealed"] not in (0, cpu["subbufs"]) or cpu["open"] or cpu["damaged"]:
                continue
            shutil.rmtree(OUT, ignore_errors=True)
            recover(f"{ROOT}/raw", "-a", "0", "-b", "0")
            entry = next((entry for entry in index_entries(channel) if entry[0] == cpu["cpu"] and not entry[1] & 1 and entry[4] > 1), None)
            if not entry:
                continue
            with open(f"{OUT}/{channel}/cpu{cpu['cpu']}", "rb") as file:
                data = file.read()
            data = data[entry[3]:entry[3] + entry[4]]
            if area.count(data) != 1:
                continue
            # The dump does not have its second half, which is not of zeroes.
            end = area.find(data) + len(data)
            begin = end - len(data) // 2
            if not any(area[begin:end]):
                continue
            dump = in_segments([(BASE, area[:begin], end), (BASE + end, area[end:], len(area) - end)])
            told = recover(dump, "-a", hex(BASE), "-s", str(len(area)), "-b", "0", status=3)[0]
            assert told["left_out_bytes"] == end - begin, told
            if cpu["sealed"]:
                assert told["missing_bytes"] == 0 and any(c["damaged"] for channel in told["channels"] for c in channel["cpus"]), told
                sealed += 1
            else:
                assert told["missing_bytes"] == end - begin, (told["missing_bytes"], end - begin)
                tried += 1
    assert tried > 1 and sealed > 1, (tried, sealed)
    # What an emulator has nowhere in its file is missing, whatever was there.
    area, _ = make_area("recover-test", SEED)
    at = len(area) - 8192
    dump = in_segments([(BASE, area[:at], at), (BASE + at, b"", 4096), (BASE + at + 4096, area[at + 4096:], 4096)])
    for offset, missing in ((0, 0), (0xffffffffffffffff, 4096)):
        with open(dump, "r+b") as file:
            file.seek(64 + 56 + 8)
            file.write(struct.pack("<Q", offset))
        told = recover(dump, "-a", hex(BASE), "-s", str(len(area)), "-b", "1", status=3 if missing else 0)[1]
        assert (told["missing_bytes"], told["left_out_bytes"]) == (missing, 4096 - missing), told


@test("a vmcore that is cut off gives what is there")
def _():
    area, _ = make_area("recover-test", SEED)
    whole = vmcore(area, 64)
    for cut in list(range(0, 1000, 37)) + [random.randrange(len(whole)) for _ in range(20)]:
        relayctl("recover", "-A", write("vmcore", whole[:cut]))


@test("a vmcore with the same notes over and over does not fill the memory")
def _():
    n, size = 100, 15 << 20
    head = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF" + bytes([2, 1, 1]), 4, 62, 1, 0, 64, 0, 0, 64, 56, n, 0, 0, 0)
    headers = b"".join(struct.pack("<IIQQQQQQ", 4, 0, 64 + 56 * n + 4 * i, 0, 0, size, size, 0) for i in range(n))
    run = relayctl("recover", write("vmcore", head + headers + bytes(size + 4 * n)))
    assert run.returncode == 1 and b"try --scan" in run.stderr, run
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    assert most < 500 << 10, f"{most} KiB"


def header(size, layout, n_cpus=1, n_channels=0):
    """The first page of a bank."""
    head = struct.pack("<8sIIQQQIIII56s16s64s64sI", b"RELAYRES", 0x01020304, FORMAT, size, 1, 1, 4096, n_cpus, HEAD, n_channels,
                       layout, b"x86_64", b"7.3.0", b"", 0)
    return head + struct.pack("<I", crc32c(head)) + bytes(HEAD - len(head) - 4)


def most_memory(*args):
    """Exit status, what is told, and KiB of memory."""
    code = ("import resource, subprocess, sys\nrun = subprocess.run(sys.argv[1:], capture_output=True)\n"
            "print(run.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\nsys.stdout.flush()\n"
            "sys.stdout.buffer.write(run.stdout)")
    run = subprocess.run([sys.executable, "-c", code, RELAYCTL, "recover", *args], stdout=subprocess.PIPE, check=True)
    first, rest = run.stdout.split(b"\n", 1)
    status, most = map(int, first.split())
    return status, rest, most


# (The sanitizers keep what was freed.)
os.environ["ASAN_OPTIONS"] = "detect_leaks=1:quarantine_size_mb=1"


@test("memory that a vmcore leaves out as zeroes costs none")
def _():
    area, _ = make_area("recover-test", SEED)
    size = 3 << 30
    layout = area[56:112]
    source = in_segments([(0, header(size, layout).ljust(8192, b"\0"), size)])
    status, said, most = most_memory("-j", "-a", "0", source)
    # (The second bank is not there.)
    assert status == 3 and json.loads(said)[0]["left_out_bytes"] == size - 8192, said
    # (A sanitizer has a byte for eight.)
    assert most < size >> 12, f"{most} KiB"


@test("a bank of nothing but damage is told in memory of its size")
def _():
    n, head = 1 << 20, 3 * 4096
    # (words of 4 bytes, without notes)
    layout = list(struct.unpack("<28H", make_area("recover-test-32", SEED)[0][56:112]))
    layout[14] = 0
    stride, control = layout[15], layout[1] + n * layout[15]
    size = (head + control + n * 16 + n * 8 + 65535) & ~65535
    entry = struct.pack("<8I9Q64s", 0x43686e31, 0, 0, 1, 8, n, 0, 0, 1, 1, head, control, head + control, head + control + n * 16, n * 8,
                        0, 0, b"damaged")
    entry = entry[:4] + struct.pack("<I", crc32c(entry[8:])) + entry[8:]
    with open(f"{ROOT}/bank", "wb") as file:
        file.write(header(size, struct.pack("<28H", *layout), n_channels=1) + entry)
        file.seek(head + layout[1] + layout[20])
        file.write(b"\3")
        file.truncate(size)
    status, said, most = most_memory("-j", f"{ROOT}/bank")
    assert status == 3 and len(json.loads(said)[0]["channels"][0]["cpus"][0]["damaged"]) == n
    assert most < size * 6 >> 10, f"{most} KiB, {size >> 10} KiB"


fake = importlib.import_module("fake-trace")
METADATA = fake.METADATA.encode()
N, SIZE, FIRST = 8, 4096, 8     # of a trace: sub-buffers, bytes of each, number of the first


def event(time, value=0, extended=False, size=0):
    """An event "other"; with its whole time, or before others that are SIZE bytes."""
    fields = struct.pack("<I", value)
    data = struct.pack("<IQHBBi", 31 | 13 << 5, time, 13, 0, 0, 7) + fields if extended else fake.event(13, time, fields)
    data += bytes(-len(data) % 4)
    return data + (fake.event(13, time, fields) * (size // 16 + 1) if size else b"")


class Sub:
    """A sub-buffer: its extents, as places and events; its times, and events lost. Without an end time it is open."""
    def __init__(self, begin, *extents, end=0, lost=0):
        self.begin, self.extents, self.end, self.lost = begin, extents, end, lost


def whole(time, value, lost=0, size=0):
    return Sub(time, (0, event(time, value, size=size)), end=time + 10, lost=lost)


def position(number):
    return number // N << 16 | number % N << 13


def trace_cpu(layout, subs, lost, last_time):
    """The control and the data of a CPU: sub-buffers from FIRST on, of which one may be "damaged" or "empty"."""
    control, data = bytearray(layout[1] + N * layout[15]), bytearray(N * SIZE)
    reserve = position(FIRST + len(subs) - 1) + SIZE

    def put(at, form, *values):
        struct.pack_into("<" + form, control, at, *values)

    for i in range(N):
        at, number = layout[1] + i * layout[15], FIRST + i
        sub, start = subs[i] if i < len(subs) else "unused", position(number)
        if sub == "unused":
            number, start = number - N, position(number - N)
        words = dict.fromkeys(range(16, 27), 0)
        # As the deliverer leaves the marks for the next lap.
        words.update({16: 2**32 - 1, 17: 2**32 - 1, 18: position(number + N), 20: start | 2})
        if sub == "damaged":
            words[20] = start | 3
        if sub == "empty":
            words.update({18: start, 20: position(number - N) | 2})
            reserve = start
        if type(sub) is Sub:
            extents = [(place, max(place, 80) + len(events), events) for place, events in sub.extents]
            for place, end, events in extents:
                data[i * SIZE + end - len(events):i * SIZE + end] = events
            used, words[24] = extents[-1][1], sub.begin
            if sub.end:
                words.update({17: 0, 19: start + used, 20: start | 1, 21: 1, 22: 1, 23: sub.lost, 25: sub.end})
                words[26] = words[19] ^ words[23] ^ words[25] ^ words[22] ^ words[21] ^ words[24] ^ words[20]
            else:
                contiguous = 0 if extents[0][0] else extents[0][1]
                words.update({16: sum(end - place for place, end, _ in extents), 17: len(extents), 18: start + contiguous,
                              20: position(number - N) | 2})
                reserve = start + used if i == len(subs) - 1 else reserve
                for note, (place, end, _) in enumerate(extents):
                    put(layout[11] + note * layout[12], "Q", start + place)
                    put(layout[11] + note * layout[12] + layout[13], "Q", start + end)
        for word, value in words.items():
            put(at + layout[word], "I" if word in (16, 17) else "Q", value)
    put(layout[2], "Q", reserve)
    put(layout[9], "Q", lost)
    put(layout[27], "Q", last_time)
    return control, data


def trace_bank(*cpus):
    """A bank with a trace, "trace": of each CPU its sub-buffers, its events lost, and its last time."""
    layout = struct.unpack("<28H", make_area("recover-test", SEED)[0][56:112])
    controls, data = zip(*(trace_cpu(layout, *cpu) for cpu in cpus))
    private = struct.pack("<4I16B4I", 0x4c54544d, 2, 48, 1, *range(16), len(METADATA), crc32c(METADATA), 0, 0) + METADATA
    parts, places, at = [b"".join(controls), bytes(16 * N * len(cpus)), b"".join(data), private], [], 3 * 4096
    for part in parts:
        places.append(at)
        at = at + len(part) + 63 & ~63
    entry = struct.pack("<6I9Q64s", 0, len(cpus), SIZE, N, 80, 0, 0, 0, places[0], len(controls[0]), places[1], places[2], len(data[0]),
                        places[3], len(private), b"trace")
    bank = bytearray(header(at + 65535 & ~65535, struct.pack("<28H", *layout), n_cpus=len(cpus), n_channels=1))
    bank += bytes((at + 65535 & ~65535) - len(bank))
    for place, part in zip((HEAD, *places), (struct.pack("<2I", CHANNEL_USED, crc32c(entry)) + entry, *parts)):
        bank[place:place + len(part)] = part
    return write("bank", bytes(bank))


def reads(*cpus, limit=None):
    """Recover a trace, and read it: of each CPU the values of its events, the events lost and the packets missed that both
    readers tell, and the same losses in the index."""
    def small():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    shutil.rmtree(OUT, ignore_errors=True)
    run = subprocess.run([RELAYCTL, "recover", "-j", "-o", OUT, trace_bank(*cpus)], capture_output=True, timeout=600,
                         preexec_fn=small if limit else None)
    assert run.returncode in (0, 3) and b"Sanitizer" not in run.stderr and b"runtime error" not in run.stderr, run
    told = {cpu: ([], [0, 0], [0, 0]) for cpu in range(len(cpus))}
    for message in bt2.TraceCollectionMessageIterator(f"{OUT}/trace"):
        if type(message) is bt2._EventMessageConst:
            values, *_ = told[int(message.event.packet.context_field["cpu_id"])]
            values.append(int(message.event.payload_field["value"]) if message.event.name == "other" else message.event.name)
        elif type(message) in (bt2._DiscardedEventsMessageConst, bt2._DiscardedPacketsMessageConst):
            told[int(message.stream.name.rsplit("cpu")[-1])][1][type(message) is bt2._DiscardedPacketsMessageConst] += message.count or 0
    for entry in index_entries("trace", ".index"):
        told[entry[0]][2][0] += entry[8]
        told[entry[0]][2][1] += entry[9]
    for reader in "babeltrace2", "babeltrace":
        run = subprocess.run([reader, f"{OUT}/trace"], capture_output=True, text=True)
        assert run.returncode == 0 and run.stdout.count("ltt_end") == sum("ltt_end" in values for values, *_ in told.values()), run
        lost = sum(map(int, re.findall(r"discarded (\d+) events?", run.stderr)))
        assert lost == sum(ctf[0] for _, ctf, _ in told.values()), (reader, run.stderr)
    assert relayctl("verify", f"{OUT}/trace").returncode == 0
    return [told[cpu] for cpu in told]


@test("both readers of CTF, and the index, tell damage and losses after the last sub-buffer of a CPU")
def _():
    assert reads(([whole(1000, 1), whole(2000, 2, lost=3), "damaged", "empty"], 5, 3000),
                 ([whole(1000, 3), "damaged", "damaged"], 0, 3000),
                 ([whole(1000, 4), "empty"], 0, 3000)) == \
        [([1, 2, "ltt_end"], [5, 1], [5, 1]), ([3, "ltt_end"], [0, 2], [0, 2]), ([4, "ltt_end"], [0, 0], [0, 0])]


@test("and of a CPU of which there is no sub-buffer")
def _():
    assert reads((["damaged", "empty"], 5, 0), (["empty"], 7, 0), (["empty"], 0, 4000), ([whole(1000, 1)], 0, 3000)) == \
        [(["ltt_end"], [5, 1], [5, 1]), (["ltt_end"], [7, 0], [7, 0]), ([], [0, 0], [0, 0]), ([1, "ltt_end"], [0, 0], [0, 0])]


@test("events without a time are told as packets that are missing, and take no losses with them")
def _():
    untimed = Sub(2000, (400, event(2100, 9)))
    some = Sub(2000, (0, event(2000, 2)), (400, event(2100, 9)), (600, event(2200, 3, True)), (800, event(2300, 9)))
    assert reads(([whole(1000, 1), some, whole(4000, 4)], 0, 4000),
                 ([whole(1000, 1), "damaged", untimed, whole(4000, 2, lost=4), "empty"], 6, 4000),
                 ([untimed, whole(4000, 1), "empty"], 0, 4000)) == \
        [([1, 2, 3, 4, "ltt_end"], [0, 2], [0, 0]), ([1, 2, "ltt_end"], [6, 2], [6, 2]), ([1, "ltt_end"], [0, 1], [0, 1])]
    # A packet of which there is only the header has no event that could be missing.
    assert reads(([whole(1000, 1), Sub(2000, (0, b"")), whole(4000, 2, lost=4), "empty"], 4, 4000)) == \
        [([1, 2, "ltt_end"], [4, 0], [4, 0])]


@test("a packet for which there is no space is missing once, and its losses are told once")
def _():
    large = Sub(2000, (0, event(2000, 2)), (200, event(2100, 9, True, size=3700)))
    for subs, told in (([whole(1000, 1), whole(2000, 9, lost=3, size=3800)], ([1, 3], [5, 1], [5, 1])),
                       ([whole(1000, 1), large], ([1, 2, 3], [5, 1], [5, 0])),
                       ([whole(2000, 9, size=3800)], ([3], [5, 1], [5, 1])),
                       ([whole(1000, 1), large, whole(2500, 9, size=3800)], ([1, 2, 3], [5, 2], [5, 1]))):
        assert reads((subs + [whole(3000, 3, lost=5), "empty"], 5, 3000), limit=3500) == [(told[0] + ["ltt_end"], *told[1:])], subs


@test("a last packet ends with the newest time of all CPUs, because that of its own may be older or none")
def _():
    subs = [Sub(1000, (0, event(1000, 1) + event(2000, 2)))]
    assert reads((subs, 0, 0), (subs, 0, 1500), (subs, 0, 2500)) == [([1, 2, "ltt_end"], [0, 0], [0, 0])] * 3


@test("the count of lost events does not go down")
def _():
    subs = [whole(1000, 1), whole(2000, 2, lost=100)]
    assert reads((subs + [Sub(3000, (0, event(3000, 3)))], 5, 3000), (subs, 5, 3000)) == \
        [([1, 2, 3, "ltt_end"], [100, 0], [100, 0]), ([1, 2, "ltt_end"], [100, 0], [100, 0])]


@test(f"{MUTANTS} mutated vmcores and images: refused, or recovered in part")
def _():
    area, _ = make_area("recover-test", SEED)
    path = f"{ROOT}/bin"
    for number in range(MUTANTS):
        bad = bytearray(vmcore(area, random.choice((64, 32))))
        for _ in range(random.randint(1, 6)):
            # Mostly the headers and the note.
            limit = random.choice((64, 400, 900, len(bad)))
            bad[random.randrange(limit)] = random.choice((0, 0xff, 0x80, random.randrange(256)))
        source = write("vmcore", bytes(bad))
        relayctl("recover", "-A", *random.choice(((), ("--scan",), ("-a", hex(random.getrandbits(64))))), source, path=path)
        relayctl("recover", "-a", hex(random.getrandbits(random.randint(1, 64))), "-s", str(random.getrandbits(62) + 1),
                 source, path=path)


@test("what is no vmcore with an area is no wrong usage")
def _():
    area, _ = make_area("recover-test", SEED)
    run = relayctl("recover", "-j", write("vmcore", vmcore(area, 64, note=False)))
    assert run.returncode == 1 and b"try --scan" in run.stderr and json.loads(run.stdout) == [], run
    for args in [], ["--scan"], ["-a", "0"]:
        run = relayctl("recover", *args, write("vmcore", b"KDUMP   " + bytes(100000)))
        assert run.returncode == 1 and b"makedumpfile -E" in run.stderr, run


@test("wrong usage is refused")
def _():
    source = write("raw", bytes(100000))
    for args in (["--scan", "-a", "0"], ["-s", "1M"], ["-A", "-b", "0", "-a", "0"], ["-r", "-a", "0"], ["-b", "64"],
                 ["-a", "x"], ["-s", "0", "-a", "0"], [], ["x", "y"], ["-r"]):
        assert relayctl("recover", *args, source).returncode == 2, args
    assert relayctl("recover", "-a", "0", "/").returncode == 2
    # An area has two banks.
    for size in "64K", "131071":
        run = relayctl("recover", "-a", "0", "-s", size, source)
        assert run.returncode == 2 and b"128K or more" in run.stderr, run
    assert relayctl("recover", "-a", "0", "-s", "128K", source).returncode == 1
    for args in ["0x"], ["12x"], ["-1"], [""]:
        assert relayctl("recover", "-a", *args, source).returncode == 2, args
    assert relayctl("recover", "-a", "0", source).returncode == 1
    assert relayctl("recover", "--scan", source).returncode == 1
    assert relayctl("recover", "-a", "0xffffffffffffff00", source).returncode == 1
    assert relayctl("recover", f"{ROOT}/nothing").returncode == 1
    # What has no end that could be looked for is no wrong usage, and told.
    run = relayctl("recover", "-a", "0", "/proc/self/mounts")
    assert run.returncode == 1 and b"/proc/self/mounts: Invalid argument" in run.stderr, run
    area, _ = make_area("recover-test", SEED)
    recover(write("raw", area), "-a", "0")
    again = relayctl("recover", "-o", OUT, "-a", "0", f"{ROOT}/raw")
    assert again.returncode == 3 and b"File exists" in again.stderr, again


print(f"1..{count}\n# SEED={SEED}")
sys.exit(failed > 0)
