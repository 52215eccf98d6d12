/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The notes of a global ring as a model: writers on as many CPUs, in any order
 * of their steps, over sub-buffers of SIZE records, one unit each. Every step reads
 * or writes one word of the ring. The steps of a function have the order that
 * kernel/relay/ring.c gives them; what a weakly ordered CPU makes of that is for
 * litmus/.
 *
 * A position is 8 * (number of the sub-buffer since the start) + offset, an offset
 * of SIZE is closed. Numbers start at SUBBUFS, so that the lap before the first has one.
 *
 * Always, because a crash may come after any step: what is before @contiguous, or in
 * a note of use, is filled; and each record that is counted is in one of them, if no
 * extent was left without a note (P6). In the end: @contiguous is where @reserve is.
 *
 * -DENTER: the writers begin a sub-buffer, and leave it open. Otherwise each has a
 * record of one to commit that is older than all the rest of the ring.
 * -DBREAK=n breaks the protocol, for the model to show that it notices.
 */
#ifndef BREAK
#define BREAK		0
#endif

#define SIZE		3
#define SUBBUFS		2
#define NOTES		2
#ifdef ENTER
#define WRITERS		2
#else
#define WRITERS		3
#endif
#define NUMBERS		(4 * SUBBUFS)
#define FIRST		(8 * SUBBUFS)		/* start of the lap, */
#define LAST		(16 * SUBBUFS - 8)	/* of its last sub-buffer */

#define number(pos)	((pos) / 8)
#define offset(pos)	((pos) % 8)
#define start(pos)	((pos) - offset(pos))
#define place(pos)	(number(pos) % SUBBUFS)
#define unit(pos)	(number(pos) * SIZE + offset(pos))

byte reserve = LAST + SIZE;
byte contiguous[SUBBUFS];
byte committed[SUBBUFS];
byte delivered[SUBBUFS];	/* number of the last lap that was */
byte note_begin[NOTES];
byte note_end[NOTES];
byte unnoted;
byte running = WRITERS;

bit filled[NUMBERS * SIZE];
bit counted[NUMBERS * SIZE];	/* its add to @committed is done */

/* Is the note of this lap, and not passed? */
#define live(b, e)						\
	(start(contiguous[place(b)]) == start(b) && (e) > contiguous[place(b)])

#define extent(n)	(note_begin[n] < note_end[n] &&		\
			 start(note_begin[n]) == start(note_end[n]))

#define told(p)	((p) < contiguous[place(p)] ||				\
		 committed[place(p)] == SIZE ||				\
		 (note_begin[0] <= (p) && (p) < note_end[0] && extent(0)) ||	\
		 (note_begin[1] <= (p) && (p) < note_end[1] && extent(1)))

/*
 * What a crash reader finds is committed, and is all that is. @c and @p belong to the
 * process, and are 0 between two checks, so that they cost no states.
 */
inline check()
{
	d_step {
		for (c : 0 .. SUBBUFS - 1) {
			p = start(contiguous[c]);
			do
			:: p < contiguous[c] -> assert(filled[unit(p)]); p++
			:: else -> break
			od;
			p = start(contiguous[c]);
			do
			:: offset(p) < SIZE ->
				assert(!counted[unit(p)] || unnoted || told(p));
				p++
			:: else -> break
			od
		}
		for (c : 0 .. NOTES - 1) {
			if
			:: extent(c) && live(note_begin[c], note_end[c]) ->
				p = note_begin[c];
				do
				:: p < note_end[c] -> assert(filled[unit(p)]); p++
				:: else -> break
				od
			:: else
			fi
		}
		c = 0;
		p = 0
	}
}

/* Sets @ok. */
inline cmpxchg(word, old, new)
{
	d_step {
		if
		:: word == (old) -> word = new; ok = 1
		:: else -> ok = 0
		fi
	}
}

/* Sets @from, @to, @ok. */
inline note_read(n)
{
	to = note_end[n];
	from = note_begin[n];
#if BREAK == 5
	ok = 1
#else
	ok = (note_end[n] == to)
#endif
}

/* Sets @ok: taken. */
inline note_claim(n, b, e)
{
	note_read(n);
	if
	:: !ok || from == (e) || to < from -> ok = 0
	:: else ->
#if BREAK == 4
		ok = 1
#else
		ok = !live(from, to)
#endif
	fi;
	if
	:: ok ->
		cmpxchg(note_end[n], to, from);
		check();
		if
		:: ok -> cmpxchg(note_begin[n], from, e); check()
		:: else
		fi;
		if
		:: ok ->
			note_end[n] = e;
			check();
			note_begin[n] = b;
			check()
		:: else
		fi
	:: else
	fi
}

/* @lower ends where @upper begins, @at: @lower takes its extent over. */
inline note_join(lower, upper, at)
{
	reached = at;
	do
	:: note_read(upper);
		if
		:: !ok
		:: ok && (from != at || to <= reached) -> break
		:: else ->
			cmpxchg(note_end[lower], reached, to);
			check();
			if
			:: !ok -> break
			:: else
			fi;
			reached = to;
			cmpxchg(note_end[upper], to, start(at));
			check();
			if
			:: ok -> note_begin[upper] = start(at); check(); break
			:: else
			fi
		fi
	od;
	reached = 0
}

inline join_notes(at)
{
	lower = NOTES;
	upper = NOTES;
	i = 0;
	do
	:: i < NOTES ->
		if
		:: note_end[i] == at -> lower = i
		:: else
		fi;
		if
		:: note_begin[i] == at -> upper = i
		:: else
		fi;
		i++
	:: else -> break
	od;
	if
	:: lower < NOTES && upper < NOTES && live(at - 1, at) ->
		note_join(lower, upper, at)
	:: else
	fi;
	lower = 0;
	upper = 0;
	i = 0
}

/* One unit at @pos. */
inline note()
{
	ok = 0;
	i = 0;
	do
	:: !ok && i < NOTES -> cmpxchg(note_end[i], pos, pos + 1); check(); i++
	:: else -> break
	od;
	i = 0;
	do
	:: !ok && i < NOTES -> cmpxchg(note_begin[i], pos + 1, pos); check(); i++
	:: else -> break
	od;
	i = 0;
	do
	:: !ok && i < NOTES -> note_claim(i, pos, pos + 1); i++
	:: else -> break
	od;
	from = 0;
	to = 0;
	i = 0;
	if
	:: ok -> join_notes(pos + 1)
	:: else -> unnoted++
	fi
}

/* Sets @moved, if it has. */
inline extend(b, e)
{
	seen = contiguous[place(pos)];
#if BREAK == 1
	/* A note that is being taken ends in another sub-buffer. */
	if
	:: seen < (b) || (e) <= seen
#else
	if
	:: seen < (b) || (e) <= seen || start(seen) != start(e) || start(b) != start(e)
#endif
	:: else ->
		cmpxchg(contiguous[place(pos)], seen, e);
		check();
		moved = 1
	fi;
	seen = 0
}

inline absorb(b, e)
{
	do
	:: moved = 0;
		extend(b, e);
		i = 0;
		do
		:: i < NOTES ->
			note_read(i);
			if
			:: ok -> extend(from, to)
			:: else -> moved = 1
			fi;
			i++
		:: else -> break
		od;
		if
		:: moved
		:: else -> break
		fi
	od;
	i = 0;
	from = 0;
	to = 0
}

/* The caller's add made @committed the sub-buffer's size. */
inline deliver()
{
	contiguous[place(pos)] = start(pos) + 8 * SUBBUFS;
	committed[place(pos)] = 0;
	check();
	delivered[place(pos)] = number(pos)
}

/* The unit at @pos is reserved. */
inline publish()
{
	filled[unit(pos)] = 1;
	seen = contiguous[place(pos)];
	if
	:: seen == pos -> contiguous[place(pos)] = pos + 1; check()
	:: else -> above = 1
	fi;
	seen = 0;
#if BREAK != 2
	if
	:: above -> note()
	:: else
	fi;
#endif
	d_step {
		committed[place(pos)]++;
		total = committed[place(pos)];
		counted[unit(pos)] = 1
	};
	check();
#if BREAK == 2
	/* Noted after it is counted. */
	if
	:: above -> note()
	:: else
	fi;
#endif
	if
	:: total == SIZE -> deliver()
#if BREAK == 3
	/* Does not look for a commit below that came before the note. */
	:: total != SIZE && total != offset(pos) + 1 ->
#else
	:: total != SIZE && (above || total != offset(pos) + 1) ->
#endif
		seen = reserve;
		if
		:: seen == start(pos) + total ->
			d_step { end = seen; seen = 0 };
			absorb(start(pos), end)
		:: else ->
			seen = 0;
			absorb(pos, pos + 1)
		fi;
		end = 0
	:: else
	fi;
	d_step {
		total = 0;
		above = 0;
		ok = 0;
		moved = 0
	}
}

/* @pos: reserved; 0 is none. */
proctype writer(byte pos)
{
	byte seen, total, end, from, to, reached, lower, upper, i, c, p;
	bit ok, above, moved;

	do
	:: pos != 0 -> publish(); break
	:: else ->
		pos = reserve;
		if
		:: offset(pos) == SIZE &&
		   delivered[place(start(pos) + 8)] != number(pos) + 1 - SUBBUFS ->
			break	/* Lost. */
		:: offset(pos) == SIZE &&
		   delivered[place(start(pos) + 8)] == number(pos) + 1 - SUBBUFS ->
			cmpxchg(reserve, pos, start(pos) + 8);
			pos = 0
		:: else ->
			cmpxchg(reserve, pos, pos + 1);
			if
			:: ok
			:: else -> pos = 0
			fi
		fi;
		ok = 0
	od;
	atomic {
		running--;
		for (c : 0 .. SUBBUFS - 1) {
			assert(running || offset(contiguous[c]) == committed[c])
		}
	}
}

/* A note is freed, or is of an earlier sub-buffer, or of a later one. */
inline leave_note(n)
{
	if
	:: note_begin[n] = FIRST; note_end[n] = FIRST
	:: note_begin[n] = FIRST - 7; note_end[n] = FIRST - 6
	:: note_begin[n] = LAST + 1; note_end[n] = LAST + 2
	:: note_begin[n] = LAST; note_end[n] = LAST
	fi
}

init {
	byte s;

	atomic {
		for (s : 0 .. SUBBUFS - 1) {
			delivered[s] = SUBBUFS + s;
			contiguous[s] = FIRST + 8 * (SUBBUFS + s)
		}
		leave_note(0);
		leave_note(1);
#ifdef ENTER
		for (s : 1 .. WRITERS) {
			run writer(0)
		}
#else
		delivered[0] = 0;
		contiguous[0] = FIRST;
		for (s : 0 .. WRITERS - 1) {
			run writer(FIRST + s)
		}
#endif
	}
}
