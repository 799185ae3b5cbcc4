/** The hero's carousel: dots, arrows and a slow walk. Without it the slides still scroll and snap. */

const PAUSE_MS = 6000;

for (const carousel of document.querySelectorAll(".carousel")) start(carousel);

function start(carousel) {
  const track = carousel.querySelector(".slides");
  const slides = [...track.children];
  const dots = slides.map((slide, index) => dot(slide.getAttribute("aria-label"), () => show(index)));
  let here = 0;

  /** Scroll to a slide; past the last comes the first. */
  function show(index) {
    const slide = slides[(index + slides.length) % slides.length];
    track.scrollTo({ left: slide.offsetLeft - track.offsetLeft, behavior: calm() ? "instant" : "smooth" });
  }

  function mark(index) {
    here = index;
    dots.forEach((button, i) => button.setAttribute("aria-current", String(i === index)));
  }

  const seen = new IntersectionObserver((entries) => {
    const entry = entries.find((one) => one.isIntersecting);
    if (entry) mark(slides.indexOf(entry.target));
  }, { root: track, threshold: 0.6 });
  slides.forEach((slide) => seen.observe(slide));

  const bar = document.createElement("div");
  bar.className = "dots";
  bar.append(arrow("←", carousel.dataset.previous, () => show(here - 1)), ...dots,
    arrow("→", carousel.dataset.next, () => show(here + 1)));
  carousel.append(bar);
  mark(0);
  walk(carousel, () => show(here + 1));
}

/** Go on by itself until somebody touches, and never for those who want no motion. */
function walk(carousel, next) {
  if (calm()) return;
  const timer = setInterval(() => document.hidden || next(), PAUSE_MS);
  const stop = () => clearInterval(timer);
  for (const kind of ["pointerdown", "pointerenter", "focusin", "wheel", "touchstart"]) {
    carousel.addEventListener(kind, stop, { once: true, passive: true });
  }
}

function calm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

function dot(label, act) {
  const button = arrow("", label, act);
  button.className = "dot";
  return button;
}

function arrow(sign, label, act) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "arrow";
  button.textContent = sign;
  button.setAttribute("aria-label", label);
  button.addEventListener("click", act);
  return button;
}
