/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One pair of barriers, in a world without order: what no barrier holds in
 * place happens in either order. barriers.sh tells which of the two are there
 * (FIRST, SECOND) and what they must prevent:
 *
 * -DPASSING (message passing): who sees the mark sees the data before it.
 * -DTURN (load buffering): who has read and given back does not read what is
 * written over it afterwards.
 * -DMEETING (store buffering): of two who each leave something and look for the
 * other's, one finds it. One delivers and looks for readers, one waits and
 * looks for what is delivered.
 * -DNEWEST: of two who add and then store the sum, the older sum is not left
 * behind: whoever has stored looks whether it is still all, and else stores
 * again. @data is the second add, @mark the sum that is stored, with it or not.
 */
bit data, mark;
bit saw_data, saw_mark;
byte running = 2;

#define in_order(held, first, second)	\
	if				\
	:: first; second		\
	:: !held -> second; first	\
	fi

#ifndef FIRST
#define FIRST	0
#endif
#ifndef SECOND
#define SECOND	0
#endif

proctype gives()
{
#ifdef PASSING
	in_order(FIRST, data = 1, mark = 1);
#endif
#ifdef TURN
	in_order(FIRST, saw_data = data, mark = 1);
#endif
#ifdef MEETING
	in_order(FIRST, data = 1, saw_mark = mark);
#endif
#ifdef NEWEST
	in_order(FIRST, data = 1, mark = 1);
#endif
	running--
}

proctype takes()
{
#ifdef PASSING
	in_order(SECOND, saw_mark = mark, saw_data = data);
#endif
#ifdef TURN
	/* Writes only where it has found the mark: a guess would be undone. */
	if
	:: saw_mark = mark; data = saw_mark
	:: !SECOND -> data = 1; saw_mark = mark; (saw_mark)
	fi;
#endif
#ifdef MEETING
	in_order(SECOND, mark = 1, saw_data = data);
#endif
#ifdef NEWEST
	/* It has the older sum. */
	in_order(SECOND, mark = 0, saw_data = data);
	if
	:: saw_data -> mark = 1
	:: else
	fi;
#endif
	running--
}

init {
	atomic { run gives(); run takes() };
	(running == 0);
#ifdef PASSING
	assert(!saw_mark || saw_data)
#endif
#ifdef TURN
	assert(!(saw_mark && saw_data))
#endif
#ifdef MEETING
	assert(saw_mark || saw_data)
#endif
#ifdef NEWEST
	assert(mark)
#endif
}
