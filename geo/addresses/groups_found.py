"""Which addresses the names found in a typed text make up: compiled loops. Costs are whole numbers."""
# over 120 lines: units, groups and houses are weighed by the same few arrays

from typing import Final

import numpy as np
from numba import njit

# Compiled loops keep these values in their cache, which knows the changes of their own file alone: hence they stand here.
FAR: Final = 1 << 20
"""No answer at all."""
LEFT: Final = 100
"""A letter of a word that nothing explains."""
LEFT_KIND: Final = 6
"""A letter of a word like phường where what was found is none."""
LEFT_NUMBER: Final = 150
"""A number that belongs to such a word."""
MORE_HOUSES: Final = 100
"""A second house number."""
WORTH: Final = 45
"""Of two places of a name: what a letter more is worth."""
SLOTS: Final = 4
"""Places kept of one name."""
NAMED: Final = 5
"""Names kept of one unit and level, with none."""
OPTIONS: Final = 16
"""Ways kept in which a unit may be named."""


@njit(cache=True, nogil=True)
def _ones(bits):  # type: ignore[no-untyped-def]
    x = bits - ((bits >> np.uint64(1)) & np.uint64(0x5555555555555555))
    x = (x & np.uint64(0x3333333333333333)) + ((x >> np.uint64(2)) & np.uint64(0x3333333333333333))
    x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((x * np.uint64(0x0101010101010101)) >> np.uint64(56))


@njit(cache=True, nogil=True)
def unit_options(name_at, name_phrase, name_level, name_former, counts, low, high, cost, cut):  # type: ignore[no-untyped-def]
    """For each unit the best ways its names (commune 0, district 1, province 2) stand in the text, none of them first.

    Out: how many; per unit and option low and high half of the letters, cost, and per level phrase * SLOTS + slot or -1.
    """
    units = len(name_at) - 1
    many = np.zeros(units, np.int8)
    o_low = np.zeros((units, OPTIONS), np.uint64)
    o_high = np.zeros((units, OPTIONS), np.uint64)
    o_cost = np.zeros((units, OPTIONS), np.int32)
    o_by = np.full((units, OPTIONS, 3), -1, np.int32)
    spans = np.zeros((3, NAMED), np.int32)
    old = np.zeros((3, NAMED), np.int32)
    filled = np.zeros(3, np.int64)
    for u in range(units):
        many[u] = 1
        filled[:] = 1
        spans[:, 0] = -1
        for e in range(name_at[u], name_at[u + 1]):
            p = name_phrase[e]
            level = name_level[e]
            for s in range(counts[p]):
                if filled[level] < NAMED:
                    spans[level, filled[level]] = p * SLOTS + s
                    old[level, filled[level]] = 1 if name_former[e] else 0
                    filled[level] += 1
                else:  # the worst gives way
                    worst, value = 0, WORTH * (_ones(low[p, s]) + _ones(high[p, s])) - cost[p, s]
                    for x in range(1, NAMED):
                        q, t = spans[level, x] // SLOTS, spans[level, x] % SLOTS
                        other = WORTH * (_ones(low[q, t]) + _ones(high[q, t])) - cost[q, t]
                        if other < value:
                            worst, value = x, other
                    if worst:
                        spans[level, worst] = p * SLOTS + s
                        old[level, worst] = 1 if name_former[e] else 0
        if filled.sum() == 3:
            continue
        for a in range(filled[0]):
            for b in range(filled[1]):
                for c in range(filled[2]):
                    if a + b + c == 0:
                        continue
                    bits_low, bits_high, price, fits = np.uint64(0), np.uint64(0), 0, True
                    for level in range(3):
                        y = a if level == 0 else (b if level == 1 else c)
                        x = spans[level, y]
                        if x < 0:
                            continue
                        p, s = x // SLOTS, x % SLOTS
                        if (bits_low & low[p, s]) | (bits_high & high[p, s]):
                            fits = False
                            break
                        bits_low |= low[p, s]
                        bits_high |= high[p, s]
                        price += cost[p, s] + 5 * cut[p, s] + level + old[level, y]
                    if not fits:
                        continue
                    slot = many[u]
                    if slot == OPTIONS:
                        slot, value = 0, WORTH * (_ones(bits_low) + _ones(bits_high)) - price
                        for x in range(1, OPTIONS):
                            other = WORTH * (_ones(o_low[u, x]) + _ones(o_high[u, x])) - o_cost[u, x]
                            if other < value:
                                slot, value = x, other
                        if slot == 0:
                            continue
                    else:
                        many[u] += 1
                    o_low[u, slot], o_high[u, slot], o_cost[u, slot] = bits_low, bits_high, price
                    o_by[u, slot, 0], o_by[u, slot, 1], o_by[u, slot, 2] = (
                        spans[0, a],
                        spans[1, b],
                        spans[2, c],
                    )
    return many, o_low, o_high, o_cost, o_by


@njit(cache=True, nogil=True)
def candidates(group_names, group_unit, counts, many, o_low, o_high, o_cost, word_low, word_high, most):  # type: ignore[no-untyped-def]
    """Groups whose street or hamlet stands in the text, or whose unit alone may explain its words."""
    units = len(many)
    enough = np.zeros(units, np.bool_)
    for u in range(units):
        for o in range(1, many[u]):
            left = LEFT * (_ones(word_low & ~o_low[u, o]) + _ones(word_high & ~o_high[u, o]))
            if o_cost[u, o] + left <= most:
                enough[u] = True
                break
    found = np.empty(len(group_unit), np.int64)
    size = 0
    for g in range(len(group_unit)):
        wanted = enough[group_unit[g]]
        for k in range(3):
            p = group_names[g, k]
            if p >= 0 and counts[p]:
                wanted = True
        if wanted:
            found[size] = g
            size += 1
    return found[:size]


@njit(cache=True, nogil=True)
def _lower(keys, first, last, a, b):  # type: ignore[no-untyped-def]
    while first < last:
        middle = (first + last) >> 1
        if keys[middle, 0] < a or (keys[middle, 0] == a and keys[middle, 1] < b):
            first = middle + 1
        else:
            last = middle
    return first


@njit(cache=True, nogil=True)
def _find_house(keys, alive, first, last, key, length, may_go_on):  # type: ignore[no-untyped-def]
    """(row, cost) of the first address of that house key; row -1: none. 0 the very key, 3 one that goes on."""
    row = _lower(keys, first, last, key[0], key[1])
    while row < last and keys[row, 0] == key[0] and keys[row, 1] == key[1]:
        if alive[row]:
            return row, 0
        row += 1
    if may_go_on and length < 16:
        full = np.uint64(0xFFFFFFFFFFFFFFFF)
        a = full << np.uint64(8 * (8 - length)) if length < 8 else full
        b = np.uint64(0) if length <= 8 else full << np.uint64(8 * (16 - length))
        if length == 0:
            a = np.uint64(0)
        while row < last and (keys[row, 0] & a) == key[0] and (keys[row, 1] & b) == key[1]:
            if alive[row]:
                return row, 3
            row += 1
    return -1, 0


@njit(cache=True, nogil=True)
def weigh_groups(  # type: ignore[no-untyped-def]
    candidates, group_names, group_unit, counts, low, high, cost, cut, many, o_low, o_high, o_cost,
    word_low, word_high, kind_low, kind_high, number_low, number_high, cluster_low, cluster_high,
    cluster_key, cluster_length, cluster_open, rows_at, keys, alive, near, lon, lat, shrink, most,
):  # fmt: skip
    """What each candidate group (street, two hamlets, unit) costs as the meaning of the text, and which address of it is meant.

    Out, per candidate: cost (FAR: no such house), street/hamlet/hamlet slot (-1: not named), option of the unit, row of
    the address, cluster of the house (-1: none named), square of its distance from `near` (lon, lat; NaN: no place), and
    how many letters of words for kinds nothing explains.
    """
    size = len(candidates)
    total = np.full(size, FAR, np.int32)
    chosen = np.full((size, 5), -1, np.int32)
    row_of = np.full(size, -1, np.int64)
    off = np.zeros(size, np.float64)
    unsaid = np.zeros(size, np.int32)
    clusters = len(cluster_low)
    for at in range(size):
        g = candidates[at]
        u = group_unit[g]
        street, h1, h2 = group_names[g, 0], group_names[g, 1], group_names[g, 2]
        best = FAR
        best_low, best_high = np.uint64(0), np.uint64(0)
        for s in range(-1, counts[street] if street >= 0 else 0):
            s_low = low[street, s] if s >= 0 else np.uint64(0)
            s_high = high[street, s] if s >= 0 else np.uint64(0)
            s_cost = cost[street, s] + 5 * cut[street, s] if s >= 0 else 0
            for h in range(-1, counts[h1] if h1 >= 0 else 0):
                a_low, a_high, a_cost = s_low, s_high, s_cost
                if h >= 0:
                    if (a_low & low[h1, h]) | (a_high & high[h1, h]):
                        continue
                    a_low |= low[h1, h]
                    a_high |= high[h1, h]
                    a_cost += cost[h1, h] + 5 * cut[h1, h]
                for i in range(-1, counts[h2] if h2 >= 0 else 0):
                    b_low, b_high, b_cost = a_low, a_high, a_cost
                    if i >= 0:
                        if (b_low & low[h2, i]) | (b_high & high[h2, i]):
                            continue
                        b_low |= low[h2, i]
                        b_high |= high[h2, i]
                        b_cost += cost[h2, i] + 5 * cut[h2, i]
                    for o in range(many[u]):
                        if (b_low & o_low[u, o]) | (b_high & o_high[u, o]):
                            continue
                        c_low, c_high = b_low | o_low[u, o], b_high | o_high[u, o]
                        price = b_cost + o_cost[u, o]
                        if price >= best:
                            continue
                        price += LEFT * (_ones(word_low & ~c_low) + _ones(word_high & ~c_high))
                        price += LEFT_KIND * (_ones(kind_low & ~c_low) + _ones(kind_high & ~c_high))
                        price += LEFT_NUMBER * (_ones(number_low & ~c_low) + _ones(number_high & ~c_high))
                        left = -1
                        for c in range(clusters):
                            if not (cluster_low[c] & c_low) | (cluster_high[c] & c_high):
                                left += 1
                        price += MORE_HOUSES * max(left, 0)
                        if price < best:
                            best, best_low, best_high = price, c_low, c_high
                            chosen[at, 0], chosen[at, 1], chosen[at, 2], chosen[at, 3] = s, h, i, o
        if best > most:
            continue
        row, named, price, found = -1, -1, 0, False
        left = 0
        for c in range(clusters):
            if (cluster_low[c] & best_low) | (cluster_high[c] & best_high):
                continue
            left += 1
            if not found:
                row, price = _find_house(
                    keys,
                    alive,
                    rows_at[g],
                    rows_at[g + 1],
                    cluster_key[c],
                    cluster_length[c],
                    cluster_open[c],
                )
                named = c
                found = row >= 0
        if left:
            if not found:
                continue
            best += price
        else:
            nearest = np.inf
            for r in range(rows_at[g], rows_at[g + 1]):
                if alive[r]:
                    if np.isnan(near[0]):
                        row = r
                        break
                    dx, dy = (lon[r] * 1e-7 - near[0]) * shrink, lat[r] * 1e-7 - near[1]
                    if dx * dx + dy * dy < nearest:
                        nearest, row = dx * dx + dy * dy, r
            if row < 0:
                continue
        if not np.isnan(near[0]):
            dx, dy = (lon[row] * 1e-7 - near[0]) * shrink, lat[row] * 1e-7 - near[1]
            off[at] = dx * dx + dy * dy
        total[at] = best
        unsaid[at] = _ones(kind_low & ~best_low) + _ones(kind_high & ~best_high)
        chosen[at, 4] = named
        row_of[at] = row
    return total, chosen, row_of, off, unsaid
