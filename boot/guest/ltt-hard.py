#!/usr/bin/python3
"""ltt-hard.py SEED switch|gaps|fuzz KMOD OUT: in a guest of boot/guest/ltt-hard.sh."""
import errno, os, random, subprocess, sys, time

seed, what, kmod, out = sys.argv[1:]
random.seed(int(seed))
print("seed", seed)
instances = "/sys/kernel/tracing/instances"


def put(path, text):
    """One write. Return: 0, or the error."""
    fd = os.open(path, os.O_WRONLY)
    try:
        data = text if isinstance(text, bytes) else text.encode()
        assert os.write(fd, data) == len(data)
        return 0
    except OSError as error:
        return error.errno
    finally:
        os.close(fd)


def get(path):
    with open(path, errors="replace") as file:
        return file.read()


def switch():
    """10,000 times, while all CPUs fire what is switched, and a module comes and goes."""
    def busybox(*command):
        subprocess.run(["busybox", *command], check=True)

    firing = [subprocess.Popen(["sh", "-c", f"while [ -e {out}/.firing ]; do echo {n} >{path}; done"])
              for path, n in (("/sys/kernel/debug/ltt-hard/fire", 500), ("/sys/kernel/debug/relay-ltt", 100))]
    at = f"{instances}/switched/events"
    events = [open(f"{at}/{name}/enable", "wb", buffering=0)
              for name in ("ltt_hard/fired", "relay_ltt/mark_hex", "relay_ltt/mark_bytes")]
    loads = 0
    for i in range(10000):
        random.choice(events).write(b"01"[i & 1:][:1])
        if i % 200 == 7:
            assert put(f"{at}/ltt_hard/fired/filter", random.choice(("0", "number & 3", "where == 1"))) == 0
        if i % 100 == 50:
            loads += 1
            # (The load of the module uses it up.)
            assert put(f"{instances}/come/set_event", "*:mod:ltt_come") == 0
            busybox("insmod", f"{kmod}/ltt_come.ko", f"number={loads}")
            if i % 200 == 50:
                assert put(f"{at}/ltt_come/enable", "1") == 0
            busybox("rmmod", "ltt_come")
    for event in events:
        event.write(b"0")
    os.remove(f"{out}/.firing")
    for process in firing:
        process.wait()
    with open(f"{out}/loads", "w") as file:
        file.write(f"{loads}\n")


def gaps():
    """Distances of about 2^27 ns, and some times that; when each was, at least and at most."""
    def now():
        return time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)

    at = now()
    with open(f"{out}/gaps.times", "w") as times:
        for i in range(24):
            at += random.choice((0, 1, 1, 1, 2, 3)) * 2**27 + random.choice((-20000, -1, 0, 1, 20000, 10**6))
            while now() < at:
                pass
            first = now()
            assert put(f"{instances}/gaps/trace_marker", f"mark {i}") == 0
            at = now()
            times.write(f"{i} {first} {at}\n")


K = {"": 0, "K": 10, "M": 20, "G": 30}


def number():
    """A number as text, and its value, None where it is none."""
    value = random.choice((0, 1, 63, 80, 95, 96, 4095, 4096, 5000, 65536, 2**20, 2**31, 2**32 - 1, 2**32,
                           2**63, 2**64 - 1, 2**64, 2**64 + 4096, 2**34, 2**34 + 1, 2**54, 2**54 + 4,
                           random.randrange(100), random.randrange(2**70)))
    unit = random.choice(("", "", "K", "M", "G", "k"))
    text = random.choice((f"{value}", f"{value:#x}")) + unit
    value <<= K[unit.upper()]
    return random.choice(((text, value), (text, value), ("", None), ("-1", None), (text + "x", None), ("4 K", None)))


def command():
    """Bytes for the file, and whether they must be refused."""
    kind = random.randrange(10)
    if kind == 0:
        return random.randbytes(random.randrange(1, 200)), True
    if kind == 1:
        return random.choice((b" ", b"\n", b"x")) * random.choice((4095, 4096, 5000, 70000)), None
    if kind == 2:
        return random.choice((b"clear", b"dump", b" clear\n", b"clear dump", b"size", b"size=", b"=", b"n=n=1",
                              b"size=4K\0n=2", b"\0", b"overwrite\0", b"channel=x", b"Overwrite",
                              b"reserved memory", b"size=4K size=4K", b"overwrite overwrite")), True
    words, bad, names = ["memory"], False, set()
    for _ in range(random.randrange(5)):
        name = random.choice(("size=", "n=", "metadata=", "timer=", "overwrite", "nocontext", "sise="))
        text, value = number() if name.endswith("=") else ("", 0)
        bad |= name == "sise=" or value is None or value > 2**32 - 1 or name in names
        names.add(name)
        words.append(name + text)
    random.shuffle(words)
    return random.choice((b" ", b":", b"\n", b" : ")).join(word.encode() for word in words), bad or None


def fuzz():
    """A command is carried out, or there is an error with its cause, and all is as before."""
    at, channel = f"{instances}/fuzz", "/sys/kernel/relay/fuzz"
    end, done, refused = time.monotonic() + 10, 0, 0
    os.mkdir(at)
    while done <= 100 or done < 1500 and time.monotonic() < end:
        data, bad = command()
        put(f"{at}/error_log", "\n")
        before = get(f"{at}/relay"), os.path.exists(channel), sorted(os.listdir(at))
        error = put(f"{at}/relay", data)
        after = get(f"{at}/relay"), os.path.exists(channel), sorted(os.listdir(at))
        log = get(f"{at}/error_log")
        done += 1
        if error:
            refused += 1
            assert error in (errno.EINVAL, errno.ENOMEM, errno.E2BIG, errno.EBUSY), (error, data[:200])
            assert before == after, (data[:200], before, after)
            assert "relay: error: " in log, (error, data[:200], log)
            continue
        assert not bad, (data[:200], after[0])
        assert after[1] and after[0].startswith("channel=fuzz "), (data[:200], after)
        # Set up: nothing sets it up again, and it goes as if it had not been.
        assert put(f"{at}/relay", "memory") == errno.EBUSY and get(f"{at}/relay") == after[0]
        assert put(f"{at}/relay", random.choice(("clear", "dump"))) == 0
        os.rmdir(at)
        assert not os.path.exists(channel)
        os.mkdir(at)
    os.rmdir(at)
    print(f"{done} writes, {refused} refused")
    assert done > 100 and 0 < refused < done


if what == "switch":
    open(f"{out}/.firing", "w").close()
{"switch": switch, "gaps": gaps, "fuzz": fuzz}[what]()
