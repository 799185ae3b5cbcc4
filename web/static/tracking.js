/** The order's card, replaced whenever the shop sends a newer one. Without it the page reloads now and then. */

const AGAIN_MS = 10_000;

const order = document.querySelector("#order[data-live]");
const note = document.querySelector("#live");
const spoken = document.querySelector("#spoken");
const alive = note?.textContent;

if (order && "EventSource" in window) follow();

function follow() {
  const source = new EventSource(`${order.dataset.live}?v=${encodeURIComponent(shown().dataset.version)}`);
  source.addEventListener("open", () => say(alive, true));
  source.addEventListener("card", (event) => replace(event.data));
  source.addEventListener("end", () => {
    source.close();
    note.hidden = true;
  });
  source.addEventListener("error", () => {
    say(note.dataset.lost, false);
    if (source.readyState === EventSource.CLOSED) setTimeout(follow, AGAIN_MS); // refused; a lost one comes by itself
  });
}

function replace(html) {
  order.innerHTML = html;
  shown().classList.add("moved");
  spoken.textContent = shown().querySelector(".now").textContent;
}

function shown() {
  return order.querySelector(".order");
}

function say(words, well) {
  note.hidden = false;
  note.textContent = words;
  note.classList.toggle("lost", !well);
}
