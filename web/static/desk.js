/**
 * Opened as a Mini App, the page is given who opened it, signed, behind the # of its address, which no server is sent:
 * it is posted once, for a cookie. Taken from the address there, so that going back asks nothing again.
 */

const form = document.querySelector("#enter");
const given = new URLSearchParams(location.hash.slice(1)).get("tgWebAppData");

if (form && given) {
  history.replaceState(null, "", location.pathname);
  form.elements.init_data.value = given;
  form.submit();
}

const A6 = 1500;

/** A slip with many lines is drawn on A5: more dots wide than an A6 has, and printed as large as it is. */
for (const sheet of document.querySelectorAll(".sheet img")) {
  sheet.decode().then(() => sheet.parentElement.classList.toggle("large", sheet.naturalWidth > A6), () => {});
}

/** Print when every sheet is there: what is not loaded would be an empty page. */
async function print() {
  await Promise.allSettled([...document.images].map((sheet) => sheet.decode()));
  window.print();
}

document.querySelector("#print")?.addEventListener("click", print);
