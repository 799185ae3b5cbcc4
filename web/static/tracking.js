/**
 * The order's card, replaced whenever the shop sends a newer one. Refused, because too many watch, the page is read
 * anew now and then, as it is without a script.
 */

const AGAIN_MS = 30_000;

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
    const refused = source.readyState === EventSource.CLOSED; // a lost one comes back by itself
    say(refused ? note.dataset.full : note.dataset.lost, false);
    if (refused) setTimeout(reload, AGAIN_MS);
  });
}

/** Read the page as it is now, take its card, and ask again to be told. */
async function reload() {
  try {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    const fresh = page.querySelector("#order .order");
    if (fresh && fresh.dataset.version !== shown().dataset.version) replace(fresh.outerHTML);
  } catch {
    // no connection either: the next try may have one
  }
  follow();
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
