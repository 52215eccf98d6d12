#!/usr/bin/python3
"""fake-trace.py DIR: a trace of two CPUs as the kernel writes it, and the formats of its events."""
import os, struct, sys

STEXT = 0x81000000
METADATA = """/* CTF 1.8 */
typealias integer { size = 8; align = 8; signed = false; } := u8;
typealias integer { size = 16; align = 8; signed = false; } := u16;
typealias integer { size = 32; align = 8; signed = false; } := u32;
typealias integer { size = 64; align = 8; signed = false; } := u64;
typealias integer { size = 8; align = 8; signed = true; } := s8;
typealias integer { size = 32; align = 8; signed = true; } := s32;
typealias integer { size = 8; align = 8; signed = false; encoding = UTF8; } := text;
typealias integer { size = 64; align = 8; signed = false; base = 16; } := address;
trace {
    major = 1; minor = 8; uuid = "00010203-0405-0607-0809-0a0b0c0d0e0f"; byte_order = le;
    packet.header := struct { u32 magic; u8 uuid[16]; u32 stream_id; };
};
env { domain = "kernel"; tracer_name = "ltt"; kernel_release = "7.3.0"; kernel_stext = "%x"; };
clock { name = "ltt"; freq = 1000000; };
typealias integer { size = 64; align = 8; signed = false; map = clock.ltt.value; } := u64_clock;
typealias integer { size = 27; align = 1; signed = false; map = clock.ltt.value; } := low_clock;
typealias integer { size = 64; align = 1; signed = false; map = clock.ltt.value; } := long_clock;
typealias integer { size = 16; align = 1; signed = false; } := half;
typealias integer { size = 27; align = 1; signed = false; } := long_id;
stream {
    id = 0;
    packet.context := struct {
        u64_clock timestamp_begin; u64_clock timestamp_end; u64 content_size; u64 packet_size;
        u64 packet_seq_num; u64 events_discarded; u32 cpu_id; u32 _pad;
    };
    event.header := struct {
        enum : integer { size = 5; align = 1; signed = false; }
            { compact = 0 ... 29, medium = 30, extended = 31 } id;
        variant <id> {
            struct { low_clock timestamp; half _id; } compact;
            struct { low_clock timestamp; half id; } medium;
            struct { long_id id; long_clock timestamp; half _id; } extended;
        } v;
    } align(32);
    event.context := struct { u8 _flags; u8 _preempt_count; s32 _tid; };
};
event { name = "ltt_end"; id = 5; stream_id = 0;
    fields := struct { u16 __reason_length; text _reason[__reason_length]; };
};
event { name = "kernel_stack"; id = 6; stream_id = 0;
    fields := struct { u16 __caller_length; address _caller[__caller_length]; };
};
event { name = "print"; id = 7; stream_id = 0;
    fields := struct { address _ip; u16 __buf_length; text _buf[__buf_length]; };
};
event { name = "ltt_thread"; id = 8; stream_id = 0;
    fields := struct { s32 _tid; s32 _pid; s32 _ppid; u16 __name_length; text _name[__name_length]; };
};
event { name = "fake"; id = 12; stream_id = 0;
    fields := struct { s8 _small; text _word[8]; u8 __gap_9[3]; u16 __text_offset; u16 __text_length; u16 __list_offset; u16 __list_length; address _where; text _text[__text_length]; u32 _list[__list_length]; u8 __tail[1]; };
};
event { name = "other"; id = 13; stream_id = 0;
    fields := struct { u32 _value; };
};
""" % STEXT
FORMATS = """name: fake
ID: 1234
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:unsigned char common_flags;	offset:2;	size:1;	signed:0;
	field:unsigned char common_preempt_count;	offset:3;	size:1;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;

	field:s8 small;	offset:8;	size:1;	signed:1;
	field:char word[8];	offset:9;	size:8;	signed:0;
	field:__data_loc char[] text;	offset:20;	size:4;	signed:0;
	field:__rel_loc u32[] list;	offset:24;	size:4;	signed:0;
	field:void * where;	offset:28;	size:8;	signed:0;

print fmt: "small=%d word="%s" text=%s list=%s where=%pS length=%d", REC->small, REC->word, __get_str(text), __print_array(__get_rel_dynamic_array(list), __get_rel_dynamic_array_len(list) / 4, 4), REC->where, __get_dynamic_array_len(text)
"""


def event(number, time, fields, tid=7, flags=0, preempt_count=0):
    return struct.pack("<IHBBi", number | time % 2**27 << 5, number, flags, preempt_count, tid) + fields


def fake(small, word, text, values, where):
    return struct.pack("<b8s3xHHHHQ", small, word, 0, len(text), 0, len(values), where) + text + \
        b"".join(struct.pack("<I", value) for value in values) + bytes(1)


def named(tid, name):
    return struct.pack("<iiiH", tid, tid, 1, len(name)) + name


def packet(cpu, sequence, discarded, begin, end, events):
    data = b""
    for each in events:
        data += bytes(-len(data) % 4) + each
    size = 8 * (len(data) + 80)
    return struct.pack("<I16BIQQQQQQII", 0xc1fc1fc1, *range(16), 0, begin, end, size, size,
                       sequence, discarded, cpu, 0) + data


def main(path):
    os.makedirs(path)
    files = {
        "metadata": METADATA.encode(), ".formats": (FORMATS + "printk_formats:\n").encode(),
        "cpu0": packet(0, 0, 0, 1000000, 1000100, [
            event(8, 1000000, named(7, b"seven\0")),
            event(12, 1000010, fake(-3, b"word", b"a text\0", [1, 0xffffffff], STEXT + 0x1010)),
            event(6, 1000030, struct.pack("<H2Q", 2, STEXT + 0x1010, 0xc0001004))]) +
        packet(0, 3, 5, 2000000, 2000001, [
            event(13, 2000000, struct.pack("<I", 77), 99, 0x39, 0x12)]),
        "cpu1": packet(1, 0, 0, 1000000, 1000100, [
            event(7, 1000020, struct.pack("<QH", STEXT, 13) + b"line\n\33[1m one\n"[:13], 0)]),
    }
    for name, data in files.items():
        with open(os.path.join(path, name), "wb") as file:
            file.write(data)


if __name__ == "__main__":
    main(sys.argv[1])
