"""How light meets a surface: one key light, two soft boxes, the sky above and the coloured floor below.

Colours are linear light, 0…1 per channel, until `to_pixel` turns them back into sRGB (gamma 2.2 is near enough).
"""

import math
from dataclasses import dataclass, replace

Color = tuple[float, float, float]
Vec = tuple[float, float, float]

GAMMA = 2.2
KEY = (-4.2, 7.0, 5.2)  # where the key light hangs
KNEE = 0.82  # above this, light is rolled off instead of cut


def color(code: str) -> Color:
    """Read `#rrggbb` as linear light."""
    red, green, blue = (int(code[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return (red**GAMMA, green**GAMMA, blue**GAMMA)


def mix(a: Color, b: Color, t: float) -> Color:
    """Return the colour t of the way from a to b."""
    return (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t)


def to_pixel(c: Color, alpha: float = 1.0) -> tuple[int, int, int, int]:
    """Return the 8-bit sRGB pixel of a colour, its highlights rolled off."""
    red, green, blue = (round(255 * _roll(max(0.0, v)) ** (1 / GAMMA)) for v in c)
    return (red, green, blue, round(255 * max(0.0, min(1.0, alpha))))


def _roll(v: float) -> float:
    return v if v < KNEE else KNEE + (1 - KNEE) * (1 - math.exp((KNEE - v) / (1 - KNEE)))


@dataclass(frozen=True, slots=True)
class Material:
    """What a surface is made of.

    `gloss` is how much it mirrors at right angles (0…1), `rough` how blurred the mirror is (0…1), `glow` how much
    light travels inside it (wax, sponge), `alpha` how much it covers what is behind (glass is about 0.2).
    """

    base: Color
    gloss: float = 0.05
    rough: float = 0.35
    metal: bool = False
    glow: float = 0.0
    alpha: float = 1.0


def matte(code: str) -> Material:
    """Soft-touch plastic, paper, plaster."""
    return Material(color(code), 0.02, 0.9)


def satin(code: str) -> Material:
    """Most packaging: a broad, soft highlight."""
    return Material(color(code), 0.09, 0.36)


def gloss(code: str) -> Material:
    """Lacquer and polished plastic."""
    return Material(color(code), 0.17, 0.12)


def metal(code: str) -> Material:
    """Brushed, tinted metal."""
    return Material(color(code), 0.9, 0.3, metal=True)


def waxy(code: str) -> Material:
    """Creams, wax, soap, lipstick: light wanders inside."""
    return Material(color(code), 0.04, 0.4, glow=0.55)


def glass(code: str, alpha: float = 0.25) -> Material:
    """Clear or tinted glass."""
    return Material(color(code), 0.22, 0.08, alpha=alpha)


def drink(code: str) -> Material:
    """What fills a clear bottle: light passes, and a little of what is behind it."""
    return Material(color(code), 0.04, 0.3, glow=0.7, alpha=0.74)


GOLD = metal("#e6bd86")
ROSE_GOLD = metal("#e8b39c")
FOIL = Material(color("#a87438"), 0.3, 0.5)  # gilt print: darker than the metal, so that it reads on pale bottles
SILVER = metal("#dcdde2")
MIRROR = gloss("#cfdde6")


def faded(material: Material, alpha: float) -> Material:
    """Return the material covering less."""
    return replace(material, alpha=alpha)


def _step(edge0: float, edge1: float, v: float) -> float:
    t = max(0.0, min(1.0, (v - edge0) / (edge1 - edge0)))
    return t * t * (3 - 2 * t)


def _window(v: float, centre: float, half: float, soft: float) -> float:
    return _step(half + soft, half - soft, abs(v - centre))


def studio(ray: Vec, rough: float) -> float:
    """Return how bright the studio is in a direction: a tall box left, a strip right, a panel overhead."""
    around, up = math.atan2(ray[0], ray[2]), ray[1]
    soft = 0.1 + 0.5 * rough
    box = _window(around, -0.95, 0.30, soft) * _window(up, 0.2, 0.75, soft * 0.6)
    strip = _window(around, 1.35, 0.12, soft * 0.7) * _window(up, 0.1, 0.8, soft)
    top = _step(0.7 - soft * 0.4, 0.98, up)
    return (1.5 * box + 0.7 * strip + 0.8 * top) / (1 + 0.9 * rough)


def _room(ray: Vec, floor: Color, rough: float) -> Color:
    """What a mirror sees: lamps, a pale wall, dark flags beside the lens, and the coloured floor below."""
    around = math.atan2(ray[0], ray[2])
    soft = 0.25 + 0.4 * rough
    flags = _window(around, 0.62, 0.22, soft) + 0.9 * _window(around, -2.1, 0.3, soft) + _window(around, 2.2, 0.3, soft)
    wall = 0.62 + 0.2 * _step(0.0, 0.5, ray[1]) - 0.34 * min(1.0, flags) * (1 - _step(0.1, 0.7, ray[1]))
    below = 0.45 * _step(-0.15, -0.6, ray[1])
    lamps = 0.75 * studio(ray, rough)
    red, green, blue = (wall + (0.8 * floor[i] - wall) * below + lamps for i in (0, 1, 2))
    return (red, green, blue)


def shade(m: Material, point: Vec, normal: Vec, view: Vec, floor: Color) -> tuple[Color, float]:
    """Return the colour and cover of a surface seen along `view` (from the surface to the eye), above `floor`."""
    facing = max(0.0, normal[0] * view[0] + normal[1] * view[1] + normal[2] * view[2])
    twice = 2 * facing
    mirrored = (twice * normal[0] - view[0], twice * normal[1] - view[1], twice * normal[2] - view[2])
    grazing = (1 - facing) ** 5
    if m.metal:
        room = _room(mirrored, floor, m.rough)
        tint = mix(m.base, (1.0, 1.0, 1.0), 0.5 * grazing)
        return (room[0] * tint[0], room[1] * tint[1], room[2] * tint[2]), m.alpha
    lit = _diffuse(m, point, normal, floor)
    mirror = (m.gloss + (1 - m.gloss) * grazing * (1 - 0.85 * m.rough)) * studio(mirrored, m.rough)
    rim = 0.10 * (1 - facing) ** 3 * (1 - m.rough * 0.5)
    if m.alpha < 1:
        bright = min(1.0, 1.6 * mirror)
        edge = 0.5 * (1 - facing) ** 3
        cover = m.alpha + (1 - m.alpha) * min(1.0, bright + edge)
        return mix(lit, (1.0, 1.0, 1.0), bright / (bright + edge + m.alpha)), cover
    shine = 0.9 * mirror + rim
    return (lit[0] + shine, lit[1] + shine, lit[2] + shine), 1.0


def _diffuse(m: Material, point: Vec, normal: Vec, floor: Color) -> Color:
    """Return what a surface scatters back: key light, sky, and the floor's colour from below."""
    lx, ly, lz = KEY[0] - point[0], KEY[1] - point[1], KEY[2] - point[2]
    far = math.sqrt(lx * lx + ly * ly + lz * lz)
    wrap = 0.25 + 0.6 * m.glow
    key = max(0.0, ((normal[0] * lx + normal[1] * ly + normal[2] * lz) / far + wrap) / (1 + wrap))
    key *= 0.84 * (1 - 0.35 * m.glow) * (90.0 / (far * far)) ** 0.6
    sky = 0.5 + 0.5 * normal[1]
    low = 1 - sky
    through = m.glow * 0.16
    out = []
    for i in (0, 1, 2):
        ambient = 0.34 * sky + (0.12 + 0.34 * floor[i]) * low + through
        out.append(m.base[i] * (key * (1.0, 0.985, 0.96)[i] + ambient))
    return (out[0], out[1], out[2])
