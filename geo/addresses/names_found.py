"""Where names stand in a typed text, typing errors forgiven: compiled loops. Costs are whole numbers.

A typed text is at most 120 letters without blanks; a set of its letters is two uint64.
"""
# over 120 lines: a filter by bits and the exact alignment after it, which share the form of their arrays

from typing import Final

import numpy as np
from numba import njit

# Compiled loops keep these values in their cache, which knows the changes of their own file alone: hence they stand here.
EDIT: Final = 100
"""A letter too many, too few, another one, or two swapped."""
MARK: Final = 30
"""A hat, horn or tone that was typed and is not there; one left out is `left_out`, at most 2."""
DIGIT: Final = 1000
"""Digits are not mistyped here: another number is another house."""
INSIDE: Final = 50
"""A name begins or ends within a word: a blank was forgotten."""
FAR: Final = 1 << 20
"""No answer at all."""
WORTH: Final = 45
"""Of two places of a name: what a letter more is worth."""
SLOTS: Final = 4
"""Places kept of one name."""


@njit(cache=True, nogil=True)
def _differ(typed: int, name: int, left_out: int) -> int:
    """What it costs that a letter was typed for another."""
    if typed == name:
        return 0
    if (typed & 63) != (name & 63):
        return DIGIT if (typed & 63) > 26 or (name & 63) > 26 else 100
    cost = 0
    for part in (0xC0, 0x700):
        t, n = typed & part, name & part
        if t != n:
            cost += MARK if t else left_out
    return cost


@njit(cache=True, nogil=True)
def _align(name, first, last, typed, low, n, ends, border, may_go_on, most, left_out, rows, starts, out):  # type: ignore[no-untyped-def]
    """Places in `typed[low:n]` where `name[first:last]` stands, best first: rows (start, end, cost, unfinished) of `out`.

    `ends`: whether n is the end of the text. `border[j]`: 1 where a word begins at letter j (or the text ends there), 2
    where letter j goes on with a number.
    Gives how many (0 to 4: the best, one beside it, and those that the end of the text cuts off, with and without typos).
    """
    m = last - first
    may_go_on = may_go_on and ends
    for j in range(low, n + 1):
        rows[0, j] = 0 if border[j] == 1 else (FAR if border[j] == 2 else INSIDE)
        starts[0, j] = j
    cut_cost, cut_start, cut_length = FAR, 0, 0
    plain_cost, plain_start, plain_length = FAR, 0, 0
    for i in range(1, m + 1):
        row, above, two = i % 3, (i - 1) % 3, (i - 2) % 3
        letter = name[first + i - 1]
        digit = (letter & 63) > 26
        drop = DIGIT if digit else EDIT
        rows[row, low] = rows[above, low] + drop
        starts[row, low] = low
        least = rows[row, low]
        for j in range(low + 1, n + 1):
            t = typed[j - 1]
            cost = rows[above, j - 1] + _differ(t, letter, left_out)
            start = starts[above, j - 1]
            other = rows[above, j] + drop
            if other < cost:
                cost, start = other, starts[above, j]
            other = rows[row, j - 1] + (DIGIT if (t & 63) > 26 else EDIT)
            if other < cost:
                cost, start = other, starts[row, j - 1]
            if i > 1 and j > low + 1:
                before = name[first + i - 2]
                u = typed[j - 2]
                if (
                    (t & 63) == (before & 63)
                    and (u & 63) == (letter & 63)
                    and (t & 63) != (u & 63)
                    and not digit
                    and (t & 63) < 27
                ):
                    other = rows[two, j - 2] + EDIT
                    if other < cost:
                        cost, start = other, starts[two, j - 2]
            rows[row, j] = cost
            starts[row, j] = start
            least = min(least, cost)
        if may_go_on and i < m:
            cost, start = rows[row, n], starts[row, n]
            length = n - start
            allowed = 99 if length < 4 else (199 if length < 7 else 299)
            if border[start] == 1 and length > 0 and cost <= min(allowed, most):
                if cost - WORTH * length < cut_cost - WORTH * cut_length:
                    cut_cost, cut_start, cut_length = cost, start, length
                if cost < EDIT and cost - WORTH * length < plain_cost - WORTH * plain_length:
                    plain_cost, plain_start, plain_length = cost, start, length
        if least > most:
            m = -1
            break
    count = 0
    if m > 0:
        row = m % 3
        if ends and rows[row, n] <= cut_cost:  # the whole name ends the text: it is not cut off
            cut_cost = FAR
        if ends and rows[row, n] <= plain_cost:
            plain_cost = FAR
        for _ in range(2):
            best, at = 0, -1
            for j in range(low + 1, n + 1):
                start = starts[row, j]
                cost = rows[row, j] + (0 if border[j] == 1 else (FAR if border[j] == 2 else INSIDE))
                if cost > most or start >= j:
                    continue
                if count == 1 and start < out[0, 1] and j > out[0, 0]:
                    continue
                value = WORTH * (j - start) - cost
                if at < 0 or value > best:
                    best, at = value, j
            if at < 0:
                break
            out[count, 0] = starts[row, at]
            out[count, 1] = at
            out[count, 2] = rows[row, at] + (0 if border[at] == 1 else INSIDE)
            out[count, 3] = 0
            count += 1
    if cut_cost < FAR:
        out[count, 0] = cut_start
        out[count, 1] = n
        out[count, 2] = cut_cost
        out[count, 3] = 1
        count += 1
    if plain_cost < FAR and plain_start != cut_start:
        out[count, 0] = plain_start
        out[count, 1] = n
        out[count, 2] = plain_cost
        out[count, 3] = 1
        count += 1
    return count


@njit(cache=True, nogil=True)
def _on(low, high):  # type: ignore[no-untyped-def]
    """A set of places, each one letter further on."""
    return low << np.uint64(1), (high << np.uint64(1)) | (low >> np.uint64(63))


@njit(cache=True, nogil=True)
def _where(name, first, last, places, n, border, most, now, before, older):  # type: ignore[no-untyped-def]
    """Between which letters the name ends with at most `most` typing errors, marks not counted; (0, 0): nowhere. And
    whether the end of the text may cut it off.

    After each letter of the name and for each number of errors: the set of places (one bit each) where what was read of
    the name may end (Wu and Manber 1992, turned round: the text is in the bits, so that a name costs its own length).
    `places[letter]`: after which places of the text that letter stands; `now`, `before`, `older`: room for three states.
    """
    full = np.uint64(0xFFFFFFFFFFFFFFFF)
    all_low = full if n >= 63 else (np.uint64(1) << np.uint64(n + 1)) - np.uint64(1)
    all_high = np.uint64(0) if n < 64 else (np.uint64(1) << np.uint64(n - 63)) - np.uint64(1)
    for d in range(most + 1):
        before[d, 0], before[d, 1] = all_low, all_high
        older[d, 0], older[d, 1] = np.uint64(0), np.uint64(0)
    last_low, last_high = np.uint64(0), np.uint64(0)
    cut = False
    for i in range(first, last):
        at_low, at_high = places[name[i] & 63, 0], places[name[i] & 63, 1]
        some = np.uint64(0)
        for d in range(most + 1):
            low, high = _on(before[d, 0], before[d, 1])
            low &= at_low
            high &= at_high
            if d:
                a_low, a_high = _on(before[d - 1, 0] | now[d - 1, 0], before[d - 1, 1] | now[d - 1, 1])
                low |= a_low | before[d - 1, 0]
                high |= a_high | before[d - 1, 1]
                s_low, s_high = _on(older[d - 1, 0], older[d - 1, 1])
                s_low, s_high = _on(s_low & at_low, s_high & at_high)
                low |= s_low & last_low
                high |= s_high & last_high
            now[d, 0], now[d, 1] = low & all_low, high & all_high
            some |= now[d, 0] | now[d, 1]
        length = i - first + 1
        d = min(most, 0 if length < 4 else (1 if length < 7 else 2))
        if (
            length < n + 3
            and (now[d, n >> 6] >> np.uint64(n & 63)) & np.uint64(1)
            and (d or (length <= n and border[n - length] == 1))
        ):
            cut = True
        if not some:
            return 0, 0, cut
        for d in range(most + 1):
            older[d, 0], older[d, 1] = before[d, 0], before[d, 1]
            before[d, 0], before[d, 1] = now[d, 0], now[d, 1]
        last_low, last_high = at_low, at_high
    low, high = before[most, 0], before[most, 1]
    from_end = to_end = 0
    for j in range(1, n + 1):
        if ((low >> np.uint64(j)) if j < 64 else (high >> np.uint64(j - 64))) & np.uint64(1):
            from_end = from_end if from_end else j
            to_end = j
    return from_end, to_end, cut


@njit(cache=True, nogil=True)
def _set(start, end):  # type: ignore[no-untyped-def]
    """The letters from `start` to `end` as two halves of a set."""
    one = np.uint64(1)
    full = np.uint64(0xFFFFFFFFFFFFFFFF)
    low, high = np.uint64(0), np.uint64(0)
    if start < 64:
        low = full << np.uint64(start)
        if end < 64:
            low &= (one << np.uint64(end)) - one
    if end > 64:
        high = full if start <= 64 else full << np.uint64(start - 64)
        if end < 128:
            high &= (one << np.uint64(end - 64)) - one
    return low, high


@njit(cache=True, nogil=True)
def find_names(  # type: ignore[no-untyped-def]
    pattern, pattern_at, name_at, kind, phrase, initial, n_phrases, typed, border, kinds_seen, go_on, most_typos, left_out
):  # fmt: skip
    """Where each name stands in the typed text.

    pattern[pattern_at[k]:pattern_at[k+1]] are the letters of pattern k: its kind's word, then from name_at[k] on its name;
    `initial`: the name is only digits, and means nothing without its kind, or (2) only initials, which are not mistyped.
    `left_out`: what a mark costs that the name has and the text has not; a text without any says nothing by that.
    Out: count per phrase; per phrase and slot low and high half of its letters, cost, unfinished, pattern.
    """
    n = len(typed)
    places = np.zeros((64, 2), np.uint64)
    for j in range(n):
        places[typed[j] & 63, (j + 1) >> 6] |= np.uint64(1) << np.uint64((j + 1) & 63)
    now, before, older = np.zeros((3, 2), np.uint64), np.zeros((3, 2), np.uint64), np.zeros((3, 2), np.uint64)
    late = np.full(6, -1, np.int64)
    j, filled = n - 1, 0
    while j >= 0 and filled < 6:
        if border[j] == 1:
            late[filled] = j
            filled += 1
        j -= 1
    counts = np.zeros(n_phrases, np.int8)
    low = np.zeros((n_phrases, SLOTS), np.uint64)
    high = np.zeros((n_phrases, SLOTS), np.uint64)
    cost = np.zeros((n_phrases, SLOTS), np.int32)
    cut = np.zeros((n_phrases, SLOTS), np.int8)
    by = np.zeros((n_phrases, SLOTS), np.int32)
    rows = np.zeros((3, n + 1), np.int32)
    starts = np.zeros((3, n + 1), np.int32)
    out = np.zeros((4, 4), np.int32)
    for k in range(len(name_at)):
        first, last = np.int64(pattern_at[k]), np.int64(pattern_at[k + 1])
        name = first + np.int64(name_at[k])
        m = last - name
        typos = 0 if m <= 2 or initial[k] else (1 if m <= 5 else 2)
        typos = min(typos, most_typos)
        from_end, to_end, cut_off = _where(pattern, name, last, places, n, border, typos, now, before, older)
        close = to_end > 0
        begun = go_on and initial[k] != 2 and cut_off
        p = phrase[k]
        if not close and not begun:
            if (
                go_on
                and initial[k] != 2
                and name > first
                and kinds_seen[kind[k], 0] == 2
                and counts[p] < SLOTS
            ):
                slot = counts[p]  # only its kind was typed so far
                counts[p] = slot + 1
                low[p, slot], high[p, slot] = _set(np.int64(kinds_seen[kind[k], 1]), n)
                cost[p, slot], cut[p, slot], by[p, slot] = kinds_seen[kind[k], 2], 1, k
            continue
        most = 100 * typos + 99
        for with_kind in range(2):
            if with_kind == 0 and initial[k] == 1:
                continue
            if with_kind == 1 and (name == first or not kinds_seen[kind[k], 0]):
                continue
            if with_kind and name - first + m > 4:
                most = max(most, 100 * most_typos + 99)
            start = from_end - m - typos - (name - first + 2 if with_kind else 0) if close else n
            stop = to_end + 1 if close else n
            if begun or kinds_seen[kind[k], 0] == 2:
                start, stop = min(start, late[filled - 1]), n
            start, stop = max(start, 0), min(stop, n)
            found = _align(
                pattern,
                first if with_kind else name,
                last,
                typed,
                start,
                stop,
                stop == n,
                border,
                go_on and initial[k] != 2,
                most,
                left_out,
                rows,
                starts,
                out,
            )
            for f in range(found):
                if not close and not out[f, 3]:
                    continue
                slot = counts[p]
                a, b = _set(np.int64(out[f, 0]), np.int64(out[f, 1]))
                if slot == SLOTS:
                    worst = 0
                    for s in range(1, SLOTS):
                        if cost[p, s] > cost[p, worst]:
                            worst = s
                    if cost[p, worst] <= out[f, 2]:
                        continue
                    slot = worst
                else:
                    counts[p] = slot + 1
                low[p, slot], high[p, slot] = a, b
                cost[p, slot] = out[f, 2]
                cut[p, slot] = out[f, 3]
                by[p, slot] = k
    return counts, low, high, cost, cut, by


@njit(cache=True, nogil=True)
def find_kinds(words, words_at, typed, border, go_on):  # type: ignore[no-untyped-def]
    """Which words for kinds of places (letters and offsets) stand in the text, with at most one typo in long ones.

    Out, per kind: 0 nowhere, 1 somewhere, 2 also at the end, where it may go on; of that the first letter, and the cost.
    """
    n = len(typed)
    rows = np.zeros((3, n + 1), np.int32)
    starts = np.zeros((3, n + 1), np.int32)
    out = np.zeros((4, 4), np.int32)
    seen = np.zeros((len(words_at) - 1, 3), np.int32)
    for k in range(len(seen)):
        first, last = np.int64(words_at[k]), np.int64(words_at[k + 1])
        most = 299 if last - first >= 6 else (199 if last - first >= 4 else 99)
        found = _align(words, first, last, typed, 0, n, True, border, go_on, most, 2, rows, starts, out)
        for f in range(found):
            if go_on and out[f, 1] == n and (seen[k, 0] < 2 or out[f, 2] < seen[k, 2]):
                seen[k, 0], seen[k, 1], seen[k, 2] = 2, out[f, 0], out[f, 2]
            seen[k, 0] = max(seen[k, 0], 1)
    return seen
