"""Mapbox's polylabel, second version, said again in plain Python: slow, simple, the yardstick of the
compiled one."""

import math
from itertools import pairwise

Point = tuple[float, float]
Ring = list[Point]


def polylabel(polygon: list[Ring], precision: float) -> Point:
    """The point of a polygon given as closed rings, the exterior first."""
    xs, ys = [p[0] for p in polygon[0]], [p[1] for p in polygon[0]]
    width, height = max(xs) - min(xs), max(ys) - min(ys)
    cell_size = min(width, height)
    queue = Queue()
    best_d, best = first_guess(polygon)
    middle = (min(xs) + width / 2, min(ys) + height / 2)
    if distance(middle, polygon) > best_d:
        best_d, best = distance(middle, polygon), middle

    def consider(x: float, y: float, half: float) -> None:
        nonlocal best_d, best
        d = distance((x, y), polygon)
        if d + half * math.sqrt(2) > best_d + precision:
            queue.push(d + half * math.sqrt(2), (x, y, half))
        if d > best_d:
            best_d, best = d, (x, y)

    columns, rows = math.ceil(width / cell_size), math.ceil(height / cell_size)
    for i in range(columns):
        for j in range(rows):
            consider(min(xs) + (i + 0.5) * cell_size, min(ys) + (j + 0.5) * cell_size, cell_size / 2)
    while queue.items:
        promise, (x, y, half) = queue.pop()
        if promise - best_d <= precision:
            break
        half /= 2
        for sx, sy in ((-1, -1), (1, -1), (-1, 1), (1, 1)):
            consider(x + sx * half, y + sy * half, half)
    return best


def first_guess(polygon: list[Ring]) -> tuple[float, Point]:
    area = x = y = 0.0
    for (ax, ay), (bx, by) in pairwise(polygon[0]):
        f = ax * by - bx * ay
        x, y, area = x + (ax + bx) * f, y + (ay + by) * f, area + 3 * f
    if area and distance((x / area, y / area), polygon) >= 0:
        return distance((x / area, y / area), polygon), (x / area, y / area)
    return 0.0, polygon[0][0]


def distance(p: Point, polygon: list[Ring]) -> float:
    inside, nearest = False, math.inf
    for ring in polygon:
        for (ax, ay), (bx, by) in pairwise(ring):
            if (ay > p[1]) != (by > p[1]) and p[0] < (bx - ax) * (p[1] - ay) / (by - ay) + ax:
                inside = not inside
            dx, dy = bx - ax, by - ay
            t = ((p[0] - ax) * dx + (p[1] - ay) * dy) / (dx * dx + dy * dy) if dx or dy else 0.0
            t = min(max(t, 0.0), 1.0)
            nearest = min(nearest, math.hypot(p[0] - ax - t * dx, p[1] - ay - t * dy))
    return nearest if inside else -nearest


class Queue:
    """A binary heap that orders equals as Mapbox's tinyqueue does."""

    def __init__(self) -> None:
        self.items: list[tuple[float, tuple[float, float, float]]] = []

    def push(self, promise: float, cell: tuple[float, float, float]) -> None:
        self.items.append((promise, cell))
        at = len(self.items) - 1
        while at and promise > self.items[(at - 1) // 2][0]:
            self.items[at] = self.items[(at - 1) // 2]
            at = (at - 1) // 2
        self.items[at] = (promise, cell)

    def pop(self) -> tuple[float, tuple[float, float, float]]:
        top, last = self.items[0], self.items.pop()
        if not self.items:
            return top
        at, size = 0, len(self.items)
        while at < size // 2:
            child = 2 * at + 1
            if child + 1 < size and self.items[child + 1][0] > self.items[child][0]:
                child += 1
            if self.items[child][0] <= last[0]:
                break
            self.items[at] = self.items[child]
            at = child
        self.items[at] = last
        return top
