"""How each sample product looks: what it is made from, what lies beside it, and the colours of its category."""

from collections.abc import Callable
from dataclasses import dataclass

from core.catalog.sample.studio import bottles, jars, makeup, props, tools
from core.catalog.sample.studio.light import FOIL, GOLD, ROSE_GOLD, SILVER, gloss, matte, satin
from core.catalog.sample.studio.mesh import Part, placed, posed
from core.catalog.sample.studio.stage import Palette

Model = Callable[[], list[Part]]

CREAM = satin("#fdf6ee")
WHITE = gloss("#fffdfa")
INK = satin("#8a5a4e")


@dataclass(frozen=True, slots=True)
class Look:
    """A product's model, what lies to the left and right of it, and its size on the set."""

    model: Model
    left: Model | None = None
    right: Model | None = None
    size: float = 1.0


PALETTES = {
    "skincare": (Palette("#dfe8dc", "#eaf0e4", "#b9cdb6"), Palette("#f3e6d8", "#f7efe4", "#e0c5a8")),
    "makeup": (Palette("#f5dcd8", "#f9e9e5", "#e6b3ab"), Palette("#f0d3dc", "#f7e4ea", "#e4b3c3")),
    "hair": (Palette("#f6dfc9", "#faecdc", "#efc9a6"), Palette("#ecdccb", "#f4eadd", "#d9bea3")),
    "bath-body": (Palette("#d6e8ea", "#e5f1f1", "#b0d3d7"), Palette("#dfe6f2", "#ebf0f7", "#aabfdc")),
    "fragrance": (Palette("#e6dcef", "#f0e9f5", "#bfa6d4"), Palette("#efdde8", "#f6eaf1", "#d6b0ca")),
    "tools": (Palette("#f6ebcd", "#faf3df", "#efdba6"), Palette("#ecdfd3", "#f4ebe2", "#dcc3ae")),
}


def _blossom(shade: str = "#fdf3e7", heart: str = "#e8b84f") -> Model:
    return lambda: props.blossom(shade, heart)


def _swipe(shade: str) -> Model:
    return lambda: props.swipe(shade)


def _petals(shade: str) -> Model:
    def model() -> list[Part]:
        one = props.petal(shade)
        turns = ((-0.3, -0.25, 28, 0.85), (0.26, -0.02, -24, 1.0), (-0.16, 0.3, 160, 0.7))
        return [part for x, z, turn, size in turns for part in placed(posed(one, y=turn), x, 0, z, size)]

    return model


def _leaves(shade: str) -> Model:
    def model() -> list[Part]:
        flat = props.leaf(shade)
        mirrored = [Part([[(-x, y, z) for x, y, z in row] for row in p.grid], p.material, p.side) for p in flat]
        return [*placed(mirrored, -0.1, 0, -0.1, 0.7), *placed(flat, 0.15, 0, 0.15, 0.85)]

    return model


def _pearls(*shades: str) -> Model:
    spots = ((-0.28, 0.0, 1.0), (0.24, -0.05, 1.25), (0.02, 0.4, 0.7))

    def model() -> list[Part]:
        out: list[Part] = []
        for shade, (x, z, size) in zip(shades, spots, strict=False):
            out += placed(props.pearl(shade), x, 0, z, size)
        return out

    return model


def _stones(shade: str) -> Model:
    return lambda: [*placed(props.stone(shade), 0, 0, 0, 1.1), *placed(props.stone(shade), 0.05, 0.34, 0, 0.75)]


def _crumbs(shade: str) -> Model:
    return lambda: props.crumbs(shade)


def _powder() -> list[Part]:
    return [
        *placed(jars.jar(satin("#f4d9c6"), ROSE_GOLD, WHITE, radius=0.74, height=0.62), -0.16, 0, -0.2),
        *placed(jars.puff("#fbe7dd"), 0.62, 0, 0.72, 1.05),
    ]


LOOKS = {
    "rose-dew-serum": Look(
        lambda: bottles.dropper("#eaa9a0", "#f7d8d0", "#fdf6f0"), _petals("#f0b3ab"), _pearls("#f3c4bb", "#f8dcd4")
    ),
    "rice-water-cleanser": Look(lambda: bottles.pump(CREAM, INK, WHITE), _stones("#efe6d8"), _swipe("#fffaf1")),
    "lotus-mist-toner": Look(
        lambda: bottles.spray("#e9b8c4", "#f9dfe5", WHITE, FOIL), _petals("#f3bfcb"), _leaves("#8fb08a")
    ),
    "coconut-night-cream": Look(
        lambda: jars.open_jar(matte("#6f8f83"), "#fffaf0", GOLD), None, _swipe("#fffaf2"), 1.08
    ),
    "aloe-calm-gel": Look(
        lambda: jars.tube(satin("#a9cf9c"), WHITE, WHITE), _leaves("#6f9f68"), _pearls("#cfe8c4", "#b9dbac", "#def0d6")
    ),
    "daily-sun-shield": Look(lambda: jars.tube(satin("#f7c66b"), WHITE, WHITE), _swipe("#fff6e2"), _stones("#f3e3c6")),
    "turmeric-glow-mask": Look(
        lambda: jars.open_jar(WHITE, "#eeb445", satin("#e0a33a")), None, _crumbs("#e5a52f"), 1.08
    ),
    "honey-lip-balm": Look(
        lambda: jars.tin(satin("#f0b65a"), WHITE), _pearls("#f2bb55", "#f6cf83", "#eda73a"), _leaves("#8fae79"), 1.15
    ),
    "velvet-lipstick": Look(
        lambda: makeup.lipsticks(("#c9716a", "#b3202f", "#8d3a4c"), gloss("#3b2a2c")),
        _swipe("#b3202f"),
        _petals("#c24a55"),
        1.12,
    ),
    "mirror-lip-gloss": Look(
        lambda: makeup.glosses(("#e98f98", "#c65a6b", "#f2b9a5", "#a8404f"), gloss("#fdf3ef")),
        None,
        _swipe("#e27f8c"),
        1.05,
    ),
    "cushion-foundation": Look(
        lambda: makeup.compact("#e8bf9b", gloss("#f7dcd4"), "#f3d3c8"), _swipe("#d9a77f"), _swipe("#f0cdb0"), 1.1
    ),
    "cream-blush": Look(
        lambda: makeup.pots(("#e88d86", "#d9647a", "#e9a17c"), WHITE), _swipe("#d9647a"), _petals("#efa39c"), 1.1
    ),
    "sunset-eyeshadow-palette": Look(
        lambda: makeup.pans(
            ("#f4d9c3", "#e3a985", "#c56f51", "#f0c2b8", "#b5566a", "#7a3b4a", "#d9b26a", "#96633c", "#4d2f2c"),
            gloss("#3d2b2e"),
            columns=3,
            wide=1.0,
        ),
        _crumbs("#c56f51"),
        _crumbs("#b5566a"),
        1.02,
    ),
    "lift-mascara": Look(
        lambda: makeup.mascara(gloss("#2f2529"), "#1d181b"), _pearls("#2f2529", "#4b3a3f"), _petals("#e7a7b5"), 1.15
    ),
    "soft-brow-pencil": Look(
        lambda: makeup.pencils(("#3a2a25", "#6a4836", "#94704f"), "#e8c9a5"),
        _crumbs("#6a4836"),
        _stones("#f3dcd8"),
        1.02,
    ),
    "nail-lacquer": Look(
        lambda: makeup.lacquers(("#f2c1b6", "#8c2f45", "#d98aa0", "#c8323f", "#efa37f"), WHITE),
        None,
        _pearls("#c8323f", "#efa37f"),
        1.12,
    ),
    "silk-loose-powder": Look(_powder, _crumbs("#eec9ae"), None, 1.12),
    "jasmine-shampoo": Look(
        lambda: bottles.pump(satin("#e9a76f"), WHITE, WHITE, radius=0.6, height=1.65), _blossom(), _leaves("#7f9d6b")
    ),
    "silk-conditioner": Look(
        lambda: bottles.flask(satin("#f9e4cf"), INK, GOLD), _swipe("#fff3e4"), _blossom("#fbe3d2")
    ),
    "shine-hair-oil": Look(
        lambda: bottles.dropper("#e08a2c", "#c9782f", "#3b2a22", WHITE),
        _pearls("#e9a13f", "#f2bd6c", "#dd8b2a"),
        _leaves("#8a9a5b"),
    ),
    "coconut-milk-hair-mask": Look(
        lambda: jars.open_jar(satin("#c77f52"), "#fff1de", WHITE), None, _swipe("#fff0db"), 1.08
    ),
    "fresh-dry-shampoo": Look(
        lambda: bottles.can(satin("#f4c9a4"), WHITE, WHITE), _stones("#f2dcc4"), _crumbs("#fff6ea")
    ),
    "sea-salt-spray": Look(
        lambda: bottles.spray("#9fc4c6", "#cfe3e2", satin("#fbf4ea"), WHITE), _crumbs("#fdf8ef"), _stones("#d9c5ad")
    ),
    "lemongrass-shower-gel": Look(
        lambda: bottles.flask(satin("#bcd68a"), WHITE, WHITE),
        _leaves("#8fb556"),
        _pearls("#dcecb4", "#c5dd92", "#eef6d6"),
    ),
    "milk-body-lotion": Look(
        lambda: bottles.pump(WHITE, satin("#6b9ba3"), SILVER), _swipe("#ffffff"), _stones("#dfeaea")
    ),
    "coffee-body-scrub": Look(
        lambda: jars.open_jar(WHITE, "#7a5236", satin("#5d4030")), None, _crumbs("#5f3f2a"), 1.08
    ),
    "rice-milk-soap": Look(
        lambda: jars.soap("#fdf3e3", "#a9cfc9", FOIL), _pearls("#ffffff", "#e3f2f3", "#f6fbfb"), _leaves("#8fb7a6"), 1.2
    ),
    "soft-hand-cream": Look(
        lambda: jars.tube(satin("#f3b7b1"), GOLD, WHITE, height=1.95), _petals("#f3b7b1"), _swipe("#fff4f0")
    ),
    "lotus-bath-salts": Look(
        lambda: bottles.crystals("#eab3c3", "#f7dfe6", "#d9b48a"), _petals("#f0bccb"), _crumbs("#efc3d0"), 1.22
    ),
    "romduol-eau-de-parfum": Look(
        lambda: bottles.flacon("#f0cf87", "#f8e7c0", GOLD), _blossom("#fbeec2", "#d9a441"), _petals("#f8e6b3"), 1.12
    ),
    "jasmine-body-mist": Look(
        lambda: bottles.spray("#d9c5ec", "#ece0f6", SILVER, WHITE), _blossom(), _leaves("#8aa487")
    ),
    "pocket-roll-on": Look(
        lambda: [
            *placed(bottles.roller("#e7a9b9", "#f7d9e0", GOLD), -0.62, 0, -0.2, 1.12),
            *placed(bottles.roller("#b9a3dc", "#e2d7f2", GOLD), 0.62, 0, -0.2, 1.12),
            *placed(bottles.roller("#eec987", "#f9e8c6", GOLD), 0, 0, 0.28, 1.12),
        ],
        _pearls("#d9c5ec", "#f0d3dc"),
        _petals("#e7b3c4"),
        1.05,
    ),
    "evening-candle": Look(
        lambda: jars.candle(matte("#9d83b8"), "#fdf3e3", GOLD), _stones("#cdbbdd"), _petals("#e5cbe6"), 1.2
    ),
    "reed-diffuser": Look(
        lambda: bottles.diffuser("#e9cfa0", "#f6ead2", "#b98d63"),
        _blossom("#f6e9fb", "#d9a441"),
        _stones("#d9cbe6"),
        0.92,
    ),
    "brush-set": Look(
        lambda: tools.brush_cup("#6b473c", gloss("#f3d3c4"), matte("#fbf3ea")),
        _crumbs("#e3a18d"),
        _pearls("#f3d3c4", "#e9bfa8"),
        1.0,
    ),
    "foundation-brush": Look(
        lambda: tools.single_brush("#7a5244", gloss("#e9c46a")), _crumbs("#e8bf9b"), _swipe("#e8bf9b"), 1.0
    ),
    "blending-sponge": Look(lambda: tools.sponges(("#f19aa6", "#8fc7c0", "#f6c177")), None, _swipe("#e8bf9b"), 1.15),
    "stone-face-roller": Look(
        lambda: tools.stone_roller("#eab4b4", GOLD), _stones("#f0cfc8"), _leaves("#9bb08a"), 0.98
    ),
    "hand-mirror": Look(
        lambda: tools.hand_mirror(gloss("#d98f7c")), _pearls("#f3d3c4", "#fbf3ea"), _petals("#efb6a6"), 0.98
    ),
    "paddle-hair-brush": Look(
        lambda: tools.paddle(gloss("#b67c52"), "#f9ead7", "#6b4630"), _leaves("#a3a86d"), _stones("#e5cdb2"), 0.98
    ),
    "satin-scrunchies": Look(
        lambda: tools.scrunchies(("#e9b7a6", "#b98fa6", "#f3e3c3")), None, _pearls("#fbf3ea", "#f3d9c4", "#e9b7a6"), 1.0
    ),
}
