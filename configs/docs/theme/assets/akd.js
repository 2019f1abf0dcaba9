// On a narrow window the theme's menu and search are labels, which a keyboard does not reach: here it does. The theme takes
// Enter on a focused label for a click; Space is ours, and that the focus goes into the menu that was opened, and back.
const NARROW = matchMedia("(max-width: 76.234375em)");
const OPENERS = document.querySelectorAll("label.md-header__button:is([for='__drawer'], [for='__search'])");
const LEVELS = document.querySelectorAll(".md-nav--primary label[for^='__nav'], .md-nav--primary label[for='__toc']");
const drawer = document.getElementById("__drawer");

for (const label of OPENERS) {
  label.setAttribute("role", "button");
  label.setAttribute("aria-label", label.htmlFor === "__drawer" ? "Menu" : "Search");
}
const reach = () => {
  for (const label of [...OPENERS, ...LEVELS]) {
    if (NARROW.matches) label.tabIndex = 0;
    else label.removeAttribute("tabindex");
  }
};
NARROW.addEventListener("change", reach);
reach();

let byKeyboard = false;
addEventListener("keydown", (event) => {
  byKeyboard = true;
  if (event.key === " " && document.activeElement instanceof HTMLLabelElement) {
    event.preventDefault();
    document.activeElement.click();
  }
  if (event.key === "Escape" && drawer.checked) drawer.click();
}, { capture: true });
addEventListener("pointerdown", () => { byKeyboard = false; }, { capture: true });
drawer.addEventListener("change", () => {
  if (!byKeyboard) return;
  const opened = [...document.querySelectorAll(".md-nav--primary, .md-nav--primary .md-nav__toggle:checked ~ .md-nav")].at(-1);
  const target = () => (drawer.checked ? opened.querySelector("a.md-nav__link") : OPENERS[0]);
  setTimeout(() => target().focus({ preventScroll: true }), 300); // it glides in
});
