"""Bars on a logarithmic scale, as an SVG that follows the reader's light or dark theme."""

from collections.abc import Sequence
from html import escape
from math import ceil, floor, log10
from pathlib import Path

IMAGES = Path(__file__).parents[1] / "docs" / "images"
LEFT, WIDTH, RIGHT, ROW, TOP = 190, 480, 70, 24, 44  # pixels

_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600 } .scale { fill: #6e7781; font-size: 11px; text-anchor: middle }
.name { text-anchor: end } line { stroke: #d0d7de } rect { fill: #8c959f } .ours { fill: #00897b }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } line { stroke: #30363d } rect { fill: #6e7681 } .ours { fill: #26a69a } }
"""


def save(name: str, title: str, bars: Sequence[tuple[str, float]]) -> None:
    """Write a picture to the documentation's; bars of ours stand out."""
    (IMAGES / name).write_text(draw(title, bars), "utf-8")


def draw(title: str, bars: Sequence[tuple[str, float]]) -> str:
    """Return the picture. A bar ends at its value, wherever the scale begins."""
    low = floor(log10(min(value for _, value in bars if value > 0)))
    high = ceil(log10(max(value for _, value in bars)))
    height = TOP + ROW * len(bars) + 24

    def place(value: float) -> float:
        return WIDTH * (log10(max(value, 10**low)) - low) / (high - low)

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + RIGHT} {height}" role="img">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style>",
        f'<text class="title" x="8" y="20">{escape(title)} (logarithmic scale)</text>',
    ]
    for power in range(low, high + 1):
        x = LEFT + place(10**power)
        lines.append(f'<line x1="{x:.0f}" x2="{x:.0f}" y1="{TOP - 8}" y2="{height - 22}"/>')
        lines.append(f'<text class="scale" x="{x:.0f}" y="{height - 8}">{10.0**power:g}</text>')
    for number, (label, value) in enumerate(bars):
        y, length = TOP + ROW * number, place(value)
        mark = ' class="ours"' if label.startswith("Coatcheck") else ""
        lines.append(f'<text class="name" x="{LEFT - 8}" y="{y + 13}">{escape(label)}</text>')
        lines.append(f'<rect{mark} x="{LEFT}" y="{y}" width="{length:.0f}" height="{ROW - 8}" rx="2"/>')
        lines.append(f'<text x="{LEFT + length + 6:.0f}" y="{y + 13}">{value:.3g}</text>')
    return "\n".join([*lines, "</svg>"]) + "\n"
