"""The site's colours, made from the practice's two: readable whatever was chosen (WCAG 2.2, 4.5 to 1 and better)."""

from __future__ import annotations

WHITE = (255, 255, 255)
BLACK = (0, 0, 0)
READABLE = 4.5

Color = tuple[int, int, int]


def parse(text: str) -> Color:
    return (int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16))


def hexadecimal(color: Color) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color)


def mix(color: Color, other: Color, share: float) -> Color:
    """This colour with a share (0 to 1) of another."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(color, other, strict=True))
    return (red, green, blue)


def luminance(color: Color) -> float:
    """Relative luminance as WCAG defines it."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (channel / 255 for channel in color)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Color, other: Color) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def until_readable(color: Color, *, on: Color, toward: Color, ratio: float = READABLE) -> Color:
    """The nearest colour on the way to black or white that reads on this ground."""
    for step in range(101):
        candidate = mix(color, toward, step / 100)
        if contrast(candidate, on) >= ratio:
            return candidate
    return toward


def ink_on(ground: Color) -> Color:
    """White where it reads, otherwise black: one of the two always reaches 4.5 to 1."""
    return WHITE if contrast(WHITE, ground) >= READABLE else BLACK


def palette(brand_text: str, accent_text: str) -> dict[str, str]:
    """Every colour token of the site."""
    brand, accent = parse(brand_text), parse(accent_text)
    calm = until_readable(brand, on=WHITE, toward=BLACK, ratio=3)  # a pale brand still gives a visible ground
    soft, paper = mix(calm, WHITE, 0.89), mix(calm, WHITE, 0.965)
    deep = until_readable(mix(calm, BLACK, 0.35), on=WHITE, toward=BLACK, ratio=11)
    warm = mix(accent, WHITE, 0.87)
    tokens = {
        "brand": brand,
        "brand-ink": ink_on(brand),
        "brand-text": until_readable(brand, on=soft, toward=BLACK, ratio=5),
        "brand-hover": mix(brand, BLACK if ink_on(brand) == WHITE else WHITE, 0.14),
        "brand-soft": soft,
        "brand-line": mix(calm, WHITE, 0.74),
        "brand-deep": deep,
        "on-deep": mix(calm, WHITE, 0.93),
        "on-deep-muted": until_readable(mix(calm, WHITE, 0.62), on=deep, toward=WHITE, ratio=5.5),
        "on-deep-accent": until_readable(accent, on=deep, toward=WHITE, ratio=5),
        "deep-line": mix(deep, WHITE, 0.18),
        "accent": accent,
        "accent-ink": ink_on(accent),
        "accent-text": until_readable(
            until_readable(accent, on=soft, toward=BLACK, ratio=5), on=warm, toward=BLACK, ratio=5
        ),
        "accent-soft": warm,
        "paper": paper,
        "ink": until_readable(mix(calm, BLACK, 0.7), on=soft, toward=BLACK, ratio=13),
        "muted": until_readable(mix(calm, (96, 96, 96), 0.75), on=soft, toward=BLACK, ratio=5.5),
        "border": until_readable(mix(calm, (140, 140, 140), 0.7), on=WHITE, toward=BLACK, ratio=3.2),
    }
    return {name: hexadecimal(color) for name, color in tokens.items()}
