"""Draws curves over epochs as an SVG that reads on light and on dark ground."""
import statistics

COLOURS = ["#8a8f98", "#2a7de1", "#1aa67d", "#d9822b", "#b554c9"]
WIDTH, HEIGHT, LEFT, TOP = 330, 210, 52, 40


def curve_panel(x, y, title, runs, what, epochs):
    means = {name: [statistics.mean(e) for e in zip(*(run[what] for run in found))] for name, found in runs.items()}
    values = [value for line in means.values() for value in line]
    low, high = min(values), max(values)
    step = next(s for s in (0.005, 0.01, 0.02, 0.05, 0.1, 0.2) if (high - low) / s <= 6)
    low, high = step * (low // step), step * (high // step + 1)

    def place(epoch, value):
        return x + LEFT + (WIDTH - LEFT - 10) * epoch / (epochs - 1), y + TOP + HEIGHT * (high - value) / (high - low)

    parts = [f'<text class="title" x="{x + LEFT}" y="{y + 24}">{title}</text>']
    for tick in range(round((high - low) / step) + 1):
        value = low + tick * step
        _, height = place(0, value)
        parts.append(f'<path class="grid" d="M{x + LEFT} {height:.1f}H{x + WIDTH - 10}"/>')
        parts.append(f'<text x="{x + LEFT - 8}" y="{height + 4:.1f}" text-anchor="end">{value:.{2 if step >= 0.01 else 3}f}</text>')
    for epoch in range(epochs):
        across, _ = place(epoch, low)
        parts.append(f'<text x="{across:.1f}" y="{y + TOP + HEIGHT + 18}" text-anchor="middle">{epoch + 1}</text>')
    for colour, line in zip(COLOURS, means.values()):
        points = [place(epoch, value) for epoch, value in enumerate(line)]
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="2.6" fill="{colour}"/>' for a, b in points]
    return parts


def draw(results, epochs):
    names = {"synthetic": "planted effects", "criteo": "Criteo sample"}
    parts = []
    for row, (part, runs) in enumerate(results.items()):
        for column, (what, label) in enumerate((("auc", "AUC"), ("logloss", "log-loss"))):
            title = f"{label} by epoch, {names[part]}"
            parts += curve_panel(column * WIDTH, row * (HEIGHT + 70), title, runs, what, epochs)
    bottom = len(results) * (HEIGHT + 70) + 10
    across = LEFT
    for colour, name in zip(COLOURS, next(iter(results.values()))):
        parts.append(f'<path d="M{across} {bottom}h18" stroke="{colour}" stroke-width="3"/>')
        parts.append(f'<text x="{across + 24}" y="{bottom + 4}">{name}</text>')
        across += 44 + 7 * len(name)
    style = (
        "text{font:12px system-ui,sans-serif;fill:#333}.title{font-weight:600}.grid{stroke:#8883;fill:none}"
        "@media(prefers-color-scheme:dark){text{fill:#ddd}}"
    )
    size = f'width="{2 * WIDTH}" height="{bottom + 20}" viewBox="0 0 {2 * WIDTH} {bottom + 20}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><style>{style}</style>\n' + "\n".join(parts) + "\n</svg>\n"
