/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ring as a model: a writer, another that interrupts it between any two
 * steps, a reader, and a flush from another CPU, over two sub-buffers of two
 * units. Spin visits every order of their steps.
 *
 * A position is 4 * (number of the sub-buffer since the start) + offset, an
 * offset of SIZE is closed. A state is 4 * number, plus DELIVERED or CONSUMED.
 * Numbers start at 2, so that the lap before the first has one.
 *
 * Always: a sub-buffer is delivered once, and read whole (P2). In the end:
 * every record is somewhere, and once (P3), and all reserved is committed.
 *
 * -DOVERWRITE: a full ring overwrites. -DBREAK=n breaks the protocol, for the
 * model to show that it notices.
 */
#ifndef BREAK
#define BREAK		0
#endif

#define SIZE		2
#define SUBBUFS		2
#ifndef RECORDS
#define RECORDS		2	/* of the writer */
#define INTERRUPTS	3
#define FLUSHES		1
#endif
#define NUMBERS		10

#define DELIVERED	1
#define CONSUMED	2

#define number(pos)	((pos) / 4)
#define offset(pos)	((pos) % 4)
#define unit(pos)	(number(pos) * SIZE + offset(pos))

byte reserve = 4 + SIZE;
byte committed[SUBBUFS];
byte records[SUBBUFS];
byte n_records[SUBBUFS];
byte state[SUBBUFS];

bit filled[NUMBERS * SIZE];	/* by a record or by padding */
byte times_delivered[NUMBERS];
byte delivered, overwritten, consumed, lost, written;
bit interrupted;
byte running = 3;

inline deliver(at)
{
	n_records[(at) % SUBBUFS] = records[(at) % SUBBUFS];
	delivered = delivered + records[(at) % SUBBUFS];
	records[(at) % SUBBUFS] = 0;
#if BREAK == 1
	/* Can be read before it is marked for the next lap. */
	state[(at) % SUBBUFS] = (at) * 4 + DELIVERED;
	committed[(at) % SUBBUFS] = ((at) + SUBBUFS) * 4;
#else
	committed[(at) % SUBBUFS] = ((at) + SUBBUFS) * 4;
	state[(at) % SUBBUFS] = (at) * 4 + DELIVERED;
#endif
	times_delivered[at]++;
	assert(times_delivered[at] == 1)
}

/* The add, and the election of who delivers. */
inline publish(pos, total)
{
#if BREAK == 2
	total = committed[number(pos) % SUBBUFS] + 1;
	committed[number(pos) % SUBBUFS] = total;
#else
	d_step {
		committed[number(pos) % SUBBUFS]++;
		total = committed[number(pos) % SUBBUFS]
	}
#endif
	if
#if BREAK == 3
	:: offset(pos) + 1 == SIZE -> deliver(number(pos))
	:: else
#else
	:: offset(total) == SIZE -> deliver(number(total))
	:: else
#endif
	fi;
	total = 0
}

/* Overwrites the sub-buffer, if it must and may. Sets @refused. */
inline take(at, seen, count, refused)
{
	seen = state[(at) % SUBBUFS];
	if
	:: seen == ((at) - SUBBUFS) * 4 + CONSUMED ->
		refused = false
#ifdef OVERWRITE
	:: seen == ((at) - SUBBUFS) * 4 + DELIVERED ->
		count = n_records[(at) % SUBBUFS];
#if BREAK == 4
		state[(at) % SUBBUFS] = ((at) - SUBBUFS) * 4 + CONSUMED;
		overwritten = overwritten + count;
#else
		d_step {
			if
			:: state[(at) % SUBBUFS] == seen ->
				state[(at) % SUBBUFS] = ((at) - SUBBUFS) * 4 + CONSUMED;
				overwritten = overwritten + count
			:: else
			fi
		}
#endif
		refused = false
#endif
	:: else ->
#if BREAK == 5
		refused = false
#else
		refused = true
#endif
	fi;
	seen = 0;
	count = 0
}

inline write_one(pos, seen, count, refused, got)
{
	got = false;
	do
	:: got -> break
	:: else ->
		pos = reserve;
		if
		:: offset(pos) == SIZE ->
			take(number(pos) + 1, seen, count, refused);
			if
			:: refused && reserve == pos ->
				lost++;
				break
			:: refused && reserve != pos
			:: else ->
				d_step {
					if
					:: reserve == pos ->
						reserve = (number(pos) + 1) * 4
					:: else
					fi
				}
			fi
		:: else ->
			d_step {
				if
				:: reserve == pos ->
					reserve = pos + 1;
					got = true
				:: else
				fi
			}
		fi
	od;
	if
	:: got ->
#if BREAK != 6
		filled[unit(pos)] = 1;
#endif
		d_step { records[number(pos) % SUBBUFS]++; written++ };
		publish(pos, seen)
#if BREAK == 6
		; filled[unit(pos)] = 1
#endif
	:: else
	fi;
	pos = 0;
	got = false
}

proctype writer() provided (!interrupted)
{
	byte pos, seen, count, i;
	bool refused, got;

	for (i : 1 .. RECORDS) {
		write_one(pos, seen, count, refused, got)
	}
	running--
}

/* Runs to its end before the writer goes on. */
proctype interrupt()
{
	byte pos, seen, count, i;
	bool refused, got;

	for (i : 1 .. INTERRUPTS) {
		interrupted = 1;
		write_one(pos, seen, count, refused, got);
		interrupted = 0
	}
	running--
}

proctype flusher()
{
	byte pos, total, i;
	bool got;

	for (i : 1 .. FLUSHES) {
		pos = reserve;
		if
		:: offset(pos) == 1 ->
			d_step {
				if
				:: reserve == pos ->
					reserve = pos + 1;
					got = true
				:: else
				fi
			}
		:: else
		fi;
		if
		:: got ->
			filled[unit(pos)] = 1;
			publish(pos, total)
		:: else
		fi;
		got = false
	}
	running--
}

inline check_filled(at, whole)
{
	whole = filled[(at) * SIZE] && filled[(at) * SIZE + 1]
}

proctype reader()
{
	byte cursor = SUBBUFS, seen, count;
	bool whole, last;

	do
	:: last = (running == 0);
		seen = state[cursor % SUBBUFS];
		if
		:: seen == cursor * 4 + DELIVERED ->
			count = n_records[cursor % SUBBUFS];
			check_filled(cursor, whole);
			d_step {
				if
				:: state[cursor % SUBBUFS] == seen ->
					state[cursor % SUBBUFS] =
						cursor * 4 + CONSUMED;
					consumed = consumed + count;
					assert(whole)
				:: else
				fi
			};
			cursor++
		:: seen > cursor * 4 + DELIVERED -> cursor++
		:: seen < cursor * 4 && last -> break
		:: seen < cursor * 4 && !last
		fi
	od;
	/* At rest. */
	assert(RECORDS + INTERRUPTS == written + lost);
	assert(written == delivered + records[0] + records[1]);
	assert(delivered == consumed + overwritten);
	assert(offset(reserve) == SIZE ||
	       committed[number(reserve) % SUBBUFS] == reserve)
}

init {
	atomic {
		committed[0] = 2 * 4;
		committed[1] = 3 * 4;
		state[0] = 0 * 4 + CONSUMED;
		state[1] = 1 * 4 + CONSUMED;
		run writer();
		run interrupt();
		run flusher();
		run reader()
	}
}
