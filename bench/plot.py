"""A line plot as SVG: axes, a budget line, and one line per series. Nothing else is needed here."""

from xml.sax.saxutils import escape

WIDTH, HEIGHT = 720, 360
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 40, 50
TICKS = 5
COLOURS = ("#1f5f8b", "#b3541e", "#3d7a3d")
STYLE = (
    "text{font:13px sans-serif;fill:#222}.axis{stroke:#222}.grid{stroke:#ddd}"
    ".budget{stroke:#a11;stroke-dasharray:6 4}"
)


def line_plot(title, across, up, series, budget=None):
    """`series` is {name: [(x, y), ...]}; `budget` is (name, y). Returns the text of the SVG."""
    points = [point for line in series.values() for point in line]
    x_max = max(x for x, _ in points) or 1
    y_max = max([y for _, y in points] + ([budget[1]] if budget else [])) * 1.05 or 1

    def x_of(x):
        return LEFT + x / x_max * (WIDTH - LEFT - RIGHT)

    def y_of(y):
        return HEIGHT - BOTTOM - y / y_max * (HEIGHT - TOP - BOTTOM)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{escape(title)}</title><style>{STYLE}</style>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="24">{escape(title)}</text>',
    ]
    for tick in range(TICKS + 1):
        x, y = x_max * tick / TICKS, y_max * tick / TICKS
        out.append(
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y_of(y):.1f}" '
            f'y2="{y_of(y):.1f}"/><text x="{LEFT - 8}" y="{y_of(y) + 4:.1f}" '
            f'text-anchor="end">{y:,.0f}</text>'
            f'<text x="{x_of(x):.1f}" y="{HEIGHT - BOTTOM + 18}" '
            f'text-anchor="middle">{x:,.0f}</text>'
        )
    out.append(
        f'<path class="axis" fill="none" d="M{LEFT} {TOP}V{HEIGHT - BOTTOM}H{WIDTH - RIGHT}"/>'
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 10}" '
        f'text-anchor="middle">{escape(across)}</text>'
        f'<text transform="translate(16 {HEIGHT / 2}) rotate(-90)" '
        f'text-anchor="middle">{escape(up)}</text>'
    )
    if budget:
        y = y_of(budget[1])
        out.append(
            f'<line class="budget" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text x="{WIDTH - RIGHT}" y="{y - 6:.1f}" text-anchor="end">'
            f"{escape(budget[0])}</text>"
        )
    for number, (name, line) in enumerate(series.items()):
        colour = COLOURS[number % len(COLOURS)]
        path = "L".join(f"{x_of(x):.1f} {y_of(y):.1f}" for x, y in line)
        out.append(
            f'<path fill="none" stroke="{colour}" stroke-width="2" d="M{path}"/>'
            f'<text x="{LEFT + 12}" y="{TOP + 40 + 18 * number}" style="fill:{colour}">'
            f"{escape(name)}</text>"
        )
    return "\n".join([*out, "</svg>", ""])
