"""The plot of docs/performance.md: dots on logarithmic axes, one panel for each question."""

import dataclasses
import html
import math

from . import peers

FILE = peers.ROOT / "docs/performance.svg"

WIDTH, MARGIN, GAP = 1160, 20, 30
LABELS, VALUES = 190, 62  # the space to the left and right of a panel's axis
ROW, TITLE, AXIS = 22, 34, 46
OURS, OTHERS, TEXT, GRID = "#c2410c", "#475569", "#1e293b", "#e2e8f0"


@dataclasses.dataclass(frozen=True)
class Panel:
    title: str
    axis: str
    values: dict  # by the key of the peer

    def rows(self):
        return [(peer, self.values[peer.key]) for peer in peers.ALL if peer.key in self.values]

    def height(self):
        return TITLE + ROW * len(self.values) + AXIS


def panels(results):
    calls = results["calls"]

    def pick(series_of, what="us"):
        return {key: own[what] for key, own in series_of.items()}

    def milliseconds(series_of):
        return {key: own["us"] / 1000 for key, own in series_of.items()}

    return [
        Panel("200 B of JSON, connection kept", "multiples of the raw socket loop", pick(calls["json-200"], "to_floor")),
        Panel("10 KB of JSON, one value read", "µs for a call", pick(calls["value-10k"])),
        Panel("64 threads, 200 B of JSON", "µs for a call", pick(results["threads"]["64"])),
        Panel("10 MB, binary", "ms for a call", milliseconds(calls["binary-10m"])),
        Panel("TLS, full handshake for each call", "ms for a call", milliseconds(results["tls"]["times"]["new"])),
        Panel("Cold start, TLS with the system's roots", "ms from the start of the process", results["cold"]["tls"]),
    ]


def ticks(low, high):
    """1, 2, 5, 10, … around the values; 1, 10, 100, … if these are too many."""
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found = [step * 10.0 ** exponent for exponent in exponents for step in (1, 2, 5)]
    below = max(tick for tick in found if tick <= low)
    above = min(tick for tick in found if tick >= high)
    found = [tick for tick in found if below <= tick <= above]
    return found if len(found) <= 9 else [tick for tick in found if str(tick).strip("0.") == "1" or tick in (below, above)]


def short(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def text(x, y, content, size=12, anchor="start", colour=TEXT, weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}" '
            f'font-weight="{weight}">{html.escape(content)}</text>')


def line(x1, y1, x2, y2, colour, width=1.0):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width}"/>'


def draw(panel, left, top, width):
    rows = panel.rows()
    numbers = [value for _, value in rows]
    marks = ticks(min(numbers) * 0.95, max(numbers))
    start, end = left + LABELS, left + width - VALUES
    bottom = top + TITLE + ROW * len(rows)

    def at(value):
        share = math.log(value / marks[0]) / math.log(marks[-1] / marks[0])
        return start + share * (end - start)

    drawn = [text(left, top + 16, panel.title, 15, weight="bold")]
    for mark in marks:
        drawn.append(line(at(mark), top + TITLE - 6, at(mark), bottom, GRID))
        drawn.append(text(at(mark), bottom + 16, short(mark), 11, "middle", OTHERS))
    drawn.append(text((start + end) / 2, bottom + 34, panel.axis + ", logarithmic", 11, "middle", OTHERS))
    for row, (peer, value) in enumerate(rows):
        y = top + TITLE + ROW * (row + 0.5)
        colour, weight = (OURS, "bold") if peer.ours else (OTHERS, "normal")
        drawn.append(text(start - 10, y + 4, peer.label.replace("*", ""), 12, "end", colour, weight))
        drawn.append(line(start, y, at(value), y, colour, 1.5))
        drawn.append(f'<circle cx="{at(value):.1f}" cy="{y:.1f}" r="4.5" fill="{colour}"/>')
        drawn.append(text(at(value) + 9, y + 4, short(value), 12, "start", colour, weight))
    return drawn


def picture(all_panels):
    width = (WIDTH - 2 * MARGIN - GAP) / 2
    drawn, top = [], float(MARGIN)
    for left, right in zip(all_panels[::2], all_panels[1::2]):
        drawn += draw(left, MARGIN, top, width) + draw(right, MARGIN + width + GAP, top, width)
        top += max(left.height(), right.height()) + GAP / 2
    drawn.append(text(MARGIN, top + 4, "Less is better. libsac is orange.", 12, colour=OTHERS))
    height = top + MARGIN
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" height="{height:.0f}" '
            'font-family="Helvetica, Arial, sans-serif">')
    return "\n".join([head, '<rect width="100%" height="100%" fill="white"/>', *drawn, "</svg>"]) + "\n"


def write(results):
    FILE.write_text(picture(panels(results)))
