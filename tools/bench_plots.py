"""Plots of what bench-allocator has measured, as SVG: a file a group of workloads, in a folder.

A plot has panels. Where a workload has a number (an order, a fullness, a size) a panel has a line a
competitor, else a dot; all in one panel share its axis. Ours are blue and green, what was written
to be compared with is warm, what others have written is grey.
"""

from html import escape
from math import ceil, floor, log10
from statistics import median
from typing import NamedTuple

OURS = {"ours": "#0b4f9c", "ours_no_stock": "#3f8fe0", "ours_in_storm": "#7aa6d6",
        "ours_bulk": "#6a5acd",
        "zone_core": "#00856f", "zone_bulk": "#5fb548", "zone_summed": "#5fb548",
        "ours_locked": "#3f8fe0"}
BASELINES = {"spin_buddy": "#d9480f", "pcp_buddy": "#f08c00", "bit_map": "#a61e4d",
             "rseq_array": "#e64980", "thread_array": "#8d6748"}
OTHERS = {"jemalloc": "#333333", "mimalloc": "#333333", "tcmalloc": "#777777",
          "glibc": "#777777", "mmap": "#a0a0a0", "urcu_memb": "#333333", "urcu_qsbr": "#777777"}
COLOURS = OURS | BASELINES | OTHERS
DASHES = {"mimalloc": "7 3", "glibc": "7 3", "mmap": "2 3"}  # where a colour is not enough
KINDS = {"ours": (OURS, "#0b4f9c"), "written to be compared with": (BASELINES, "#d9480f"),
         "of others": (OTHERS, "#555555")}

WIDTH, HEIGHT = 480, 320                    # of a panel
LEFT, RIGHT, TOP, BOTTOM = 52, 122, 30, 44  # of its frame, from its edges
NAMES = 112                                 # for the names of dots
ROW = 17                                    # from one dot, or name, to the next
HEAD, FOOT = 50, 14                         # above and below the panels
WIDTH_ALONE = 640                           # of a panel without another


class Panel(NamedTuple):
    """Of one row a dot each, or of several a line each. `rows`: (name in the table, label)."""
    title: str
    rows: list
    x_title: str = ""
    subjects: tuple = ()  # all that were measured, if none are named
    table: str = "times"


class Figure(NamedTuple):
    name: str
    title: str
    panels: list


def labelled(workload, key, labels):
    """Rows such as batch/n:64."""
    return [(f"{workload}/{key}:{label.split()[0]}", label) for label in labels.split("|")]


def beside_both(rows, x_title):
    return [Panel("beside allocators of frames", rows, x_title, tuple(OURS | BASELINES)),
            Panel("beside allocators of memory", rows, x_title, ("ours", *OTHERS))]


def each(rows, table="times"):
    return [Panel(title, [(row, "")], table=table) for row, title in rows]


ORDERS = labelled("hot_pair", "order", "0|1|2|3|4|9")
BATCHES = labelled("batch", "n", "1|8|64|256")
FULL = labelled("replace", "full", "50 %|80 %|99.9 %")
ZONES = [(f"scale_zone/MiB:{1 << log}", label) for log, label in
         ((6, "64 MiB"), (10, "1 GiB"), (16, "64 GiB"), (20, "1 TiB"), (24, "16 TiB"))]
SHARES = [(f"fragmentation/{name}/{evicted}", f"{name}, {evicted} evicted")
          for name in ("redis", "small", "vm_sort") for evicted in ("oldest", "random")]

FIGURES = [
    Figure("hot_pair", "Allocate a run and free it: ns a pair",
           beside_both(ORDERS, "order of the run")),
    Figure("batch", "Allocate n frames, then free them: ns a frame",
           beside_both(BATCHES, "n, frames at a time")),
    Figure("bulk", "All of a zone of 1 GiB: ns a frame",
           each([("bulk_in_order", "allocate all, free all in order"),
                 ("bulk_allocate", "allocate all"), ("bulk_free_random", "free all at random")])),
    Figure("replace", "Free a random frame and allocate another: ns a pair",
           [Panel("", FULL, "of the memory in use")]),
    Figure("remote", "Frames that another thread frees: ns a frame, by the clock",
           each([("remote_phased", "4,096 later"), ("remote_streamed", "through a ring")])),
    Figure("latency", "How long an allocation takes in a zone that is 99.9 % full: ns",
           [Panel("", [(f"latency/{p}", p) for p in ("p50", "p99", "p99.9")], "percentile")]),
    Figure("recording", "Recordings of a kernel, replayed: ns an event",
           each([(f"recording/{name}", name) for name in ("redis", "small", "vm_sort")])),
    Figure("storm", "While another node's memory comes and goes: ns a pair",
           [Panel(title, [(f"storm/{row}/calm", "calm"), (f"storm/{row}/storm", "storm")])
            for row, title in (("hot_pair", "the hot pair"), ("replace", "replacement at 80 %"))]),
    Figure("pin", "Read what is published: ns a reading", each([("pin", "")])),
    Figure("scale", "Allocate a frame and free it, as things grow: ns a pair",
           [Panel("size of the zone", ZONES),
            Panel("nodes", labelled("scale_nodes", "nodes", "1|8|64|256|1024")),
            Panel("CPUs (simulated)", labelled("scale_cpus", "cpus", "1|64|512|4096")),
            Panel("of the memory in use",
                  labelled("scale_full", "full", "0 %|50 %|90 %|99 %|99.9 %|99.99 %"))]),
    Figure("fragmentation", "Of the free memory at 90 % in use, in huge runs: %",
           each(SHARES, "shares")),
]


# Axes -------------------------------------------------------------------------------------------


class Axis:
    """From values to pixels: logarithmic for times, from 0 to 100 for shares."""

    def __init__(self, values, first, last, is_share):
        self.first, self.last, self.is_share = first, last, is_share
        # Thirds of a decade, with some room; at least a decade, that little may look little. What
        # took less than the clock can tell is 0, and lies at the bottom.
        times = [value for value in values if value > 0] or [1]
        low = floor(log10(min(times)) * 3 - 0.5) / 3
        high = max(ceil(log10(max(times)) * 3 + 0.2) / 3, low + 1)
        self.low, self.high = (0, 100) if is_share else (low, high)

    def at(self, value):
        place = value if self.is_share else log10(max(value, 10 ** self.low))
        return self.first + (self.last - self.first) * (place - self.low) / (self.high - self.low)

    def ticks(self):
        if self.is_share:
            return [(value, str(value)) for value in range(0, 101, 20)]
        steps = (1, 2, 5) if self.high - self.low < 2.4 else (1,)
        values = [step * 10.0 ** decade for decade in range(-3, 7) for step in steps]
        margin = 1e-9
        return [(value, f"{value:,.10g}") for value in values
                if self.low - margin <= log10(value) <= self.high + margin]


def number(value):
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def text(x, y, what, anchor="start", **more):
    style = "".join(f' {key.replace("_", "-")}="{value}"' for key, value in more.items())
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{style}>{escape(what)}</text>'


def line(x1, y1, x2, y2, colour="#e3e3e3", width=1.0):
    return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
            f'stroke-width="{width}"/>')


def through(points, subject):
    where = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dashes = f' stroke-dasharray="{DASHES[subject]}"' if subject in DASHES else ""
    return (f'<polyline points="{where}" fill="none" stroke="{colour_of(subject)}" '
            f'stroke-width="{2.6 if subject in OURS else 1.5}"{dashes}/>')


def dot(x, y, subject):
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.6" fill="{colour_of(subject)}"/>'


def colour_of(subject):
    return COLOURS.get(subject, "#555555")


def weight_of(subject):
    return "bold" if subject in OURS else "normal"


# Panels -----------------------------------------------------------------------------------------


def values_of(panel, tables):
    """{subject: {index of a row: median}}, of what was measured."""
    found = {}
    for index, (row, _) in enumerate(panel.rows):
        for subject, runs in getattr(tables, panel.table).get(row, {}).items():
            if not panel.subjects or subject in panel.subjects:
                scale = 100 if panel.table == "shares" else 1
                found.setdefault(subject, {})[index] = scale * median(runs)
    order = list(COLOURS)
    return dict(sorted(found.items(),
                       key=lambda item: order.index(item[0]) if item[0] in order else 99))


def apart(wanted, low, high):
    """Places for names: as wanted, but ROW apart and between the two."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    places, floor_ = list(wanted), low
    for i in order:
        places[i] = floor_ = max(wanted[i], floor_)
        floor_ += ROW
    ceiling = high
    for i in reversed(order):
        places[i] = min(places[i], ceiling)
        ceiling = places[i] - ROW
    return places


def draw_lines(panel, values, width):
    """A line a competitor; each is named at its end."""
    bottom, right = HEIGHT - BOTTOM, width - RIGHT
    every = [value for of_row in values.values() for value in of_row.values()]
    axis = Axis(every, bottom, TOP, panel.table == "shares")
    for value, label in axis.ticks():
        yield line(LEFT, axis.at(value), right, axis.at(value))
        yield text(LEFT - 6, axis.at(value) + 4, label, "end", fill="#555555")
    used = sorted({index for of_row in values.values() for index in of_row})
    step = (right - LEFT) / len(used)
    x_of = {index: LEFT + step * (i + 0.5) for i, index in enumerate(used)}
    for index in used:
        yield text(x_of[index], bottom + 16, panel.rows[index][1], "middle", fill="#333333")
    yield text((LEFT + right) / 2, bottom + 34, panel.x_title, "middle", fill="#555555")

    lines = {subject: [(x_of[index], axis.at(value)) for index, value in sorted(of_row.items())]
             for subject, of_row in values.items()}
    places = apart([points[-1][1] for points in lines.values()], TOP + 4, bottom - 4)
    for (subject, points), place in zip(lines.items(), places):
        yield line(*points[-1], right + 6, place, colour_of(subject), 0.5)
        yield through(points, subject)
        yield from (dot(x, y, subject) for x, y in points)
        yield text(right + 9, place + 4, subject, fill=colour_of(subject),
                   font_weight=weight_of(subject))


def draw_dots(panel, values, width):
    """A dot a competitor, the lowest first; each is named at its left."""
    of_first = sorted((of_row[0], subject) for subject, of_row in values.items())
    right, bottom = width - 60, TOP + ROW * len(of_first) + 4
    axis = Axis([value for value, _ in of_first], NAMES, right, panel.table == "shares")
    for value, label in axis.ticks():
        yield line(axis.at(value), TOP - 2, axis.at(value), bottom)
        yield text(axis.at(value), bottom + 14, label, "middle", fill="#555555")
    for i, (value, subject) in enumerate(of_first):
        x, y = axis.at(value), TOP + ROW * (i + 0.5)
        yield text(NAMES - 8, y + 4, subject, "end", font_weight=weight_of(subject))
        yield line(NAMES, y, x, y, colour_of(subject), 1.4)
        yield dot(x, y, subject)
        yield text(x + 8, y + 4, number(value), fill="#333333")


def panel_height(panel, values):
    return HEIGHT if len(panel.rows) > 1 else TOP + ROW * len(values) + 30


# Plots ------------------------------------------------------------------------------------------


def legend(panels, x, y):
    shown = {subject for _, values in panels for subject in values}
    for kind, (subjects, colour) in KINDS.items():
        if shown.isdisjoint(subjects):
            continue
        yield f'<rect x="{x:.0f}" y="{y - 9}" width="10" height="10" fill="{colour}"/>'
        yield text(x + 15, y, kind, fill="#333333")
        x += 30 + 6.3 * len(kind)


def plot(figure, panels, repetitions):
    """Two panels beside each other, if there are two."""
    columns = min(2, len(panels))
    panel_width = WIDTH if columns == 2 else WIDTH_ALONE
    lines_of = [panels[i:i + columns] for i in range(0, len(panels), columns)]
    heights = [max(panel_height(*one) for one in row) for row in lines_of]
    width, height = panel_width * columns, HEAD + sum(heights) + FOOT
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
           f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">')
    yield f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
    yield text(14, 22, figure.title, font_size=15, font_weight="bold")
    yield from legend(panels, 14, 42)
    top = HEAD
    for row, row_height in zip(lines_of, heights):
        for column, (panel, values) in enumerate(row):
            yield f'<g transform="translate({panel_width * column},{top})">'
            yield text(14, 18, panel.title, font_size=13)
            draw = draw_lines if len(panel.rows) > 1 else draw_dots
            yield from draw(panel, values, panel_width)
            yield "</g>"
        top += row_height
    scale = "" if panels[0][0].table == "shares" else "; logarithmic"
    yield text(width - 10, height - 6, f"medians of {repetitions} repetitions{scale}", "end",
               font_size=10, fill="#777777")
    yield "</svg>"


def write_plots(folder, tables):
    """Of a Results of bench-table. What was not measured is left out."""
    folder.mkdir(parents=True, exist_ok=True)
    for figure in FIGURES:
        panels = [(panel, values_of(panel, tables)) for panel in figure.panels]
        panels = [(panel, values) for panel, values in panels if values]
        if not panels:
            continue
        table = getattr(tables, panels[0][0].table)
        repetitions = max(len(runs) for row, _ in panels[0][0].rows
                          for runs in table.get(row, {}).values())
        drawn = "\n".join(plot(figure, panels, repetitions)) + "\n"
        (folder / f"{figure.name}.svg").write_text(drawn, encoding="utf-8")
