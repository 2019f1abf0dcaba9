"use strict";
// Wires the parts: filters choose, the gallery and the charts show, the zoom opens.

const gallery = new Gallery(document.getElementById("gallery"), (place) => zoom.open(chosen, place));
const zoom = new Zoom((place) => {
  if (!document.getElementById("images").hidden) gallery.focus(place);
});
const filters = new Filters(choose);
let chosen = [];

function choose() {
  chosen = filters.chosen();
  const total = counted(COUNT, "image");
  document.getElementById("count").textContent =
    chosen.length === COUNT ? total : `${NUMBER.format(chosen.length)} of ${total}`;
  document.getElementById("nothing").hidden = chosen.length > 0;
  gallery.show(chosen);
  if (!document.getElementById("charts").hidden) showCharts();
}

function showCharts() {
  drawCharts(document.getElementById("charts"), chosen, (image) => zoom.open(chosen, chosen.indexOf(image)));
}

function setLabels(on) {
  document.body.classList.toggle("no-labels", !on);
  for (const id of ["labels", "zoom-labels"]) document.getElementById(id).checked = on;
}

const tabs = [...document.querySelectorAll('[role="tab"]')];

function openTab(tab) {
  for (const other of tabs) {
    const mine = other === tab;
    other.setAttribute("aria-selected", mine);
    other.tabIndex = mine ? 0 : -1;
    document.getElementById(other.getAttribute("aria-controls")).hidden = !mine;
  }
  const about = tab.id === "tab-about"; // it is of all images, whatever the filters say
  document.getElementById("side").hidden = about;
  document.querySelector(".layout").classList.toggle("whole", about);
  if (tab.id === "tab-charts") showCharts();
  scrollTo(0, 0);
}

function summarize() {
  const instances = DATA.instances.image.length;
  const states = [0, 0, 0];
  for (const points of DATA.instances.keypoints) for (let i = 2; i < points.length; i += 3) states[points[i]] += 1;
  const inFrame = states[SEEN] + states[HIDDEN];
  const parts = [counted(COUNT, "image")];
  if (FIELDS.has("vehicle")) parts.push(counted(FIELDS.get("vehicle").choices.length, "vehicle"));
  parts.push(counted(instances, "labelled object"), counted(DATA.keypoints.names.length, "keypoint name"));
  if (inFrame) parts.push(`${percent(states[SEEN] / inFrame)} of keypoints in the frame are seen`);
  document.getElementById("summary").textContent = parts.join(" · ");
  return [
    ["Images", NUMBER.format(COUNT)], ["Labelled objects", NUMBER.format(instances)],
    ["Keypoints seen", NUMBER.format(states[SEEN])], ["Keypoints hidden", NUMBER.format(states[HIDDEN])],
    ["Keypoints absent", NUMBER.format(states[0])],
    ...splitCounts(),
  ];
}

function splitCounts() {
  const split = FIELDS.get("split");
  if (!split) return [];
  return split.choices.map((name, i) => [`Images in ${name}`, NUMBER.format(split.values.filter((v) => v === i).length)]);
}

function table(title, rows) {
  const body = element("tbody", {}, ...rows.map(([name, value]) => element(
    "tr", {}, Object.assign(element("th", { textContent: name }), { scope: "row" }), element("td", { textContent: value }),
  )));
  return element("table", {}, element("caption", { textContent: title }), body);
}

function describe(counts) {
  const lost = DATA.thumbnails.brightness.filter((value) => value === null).length;
  if (lost) counts.push(["Images that cannot be read", NUMBER.format(lost)]);
  const parts = [table("Counts", counts), table("Where it came from", DATA.about.rows)];
  if (DATA.about.spec) {
    parts.push(element("div", {}, element("h2", { textContent: "Spec" }), element("pre", { textContent: DATA.about.spec, tabIndex: 0 })));
  }
  document.getElementById("about").replaceChildren(...parts);
}

for (const tab of tabs) {
  tab.addEventListener("click", () => openTab(tab));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    const goal = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
    openTab(goal);
    goal.focus();
  });
}
for (const id of ["labels", "zoom-labels"]) {
  document.getElementById(id).addEventListener("change", (event) => setLabels(event.target.checked));
}
addEventListener("keydown", (event) => {
  const typing = event.target.matches("input:not([type=checkbox]):not([type=range]), select, textarea");
  if (event.key.toLowerCase() !== "l" || typing || event.altKey || event.ctrlKey || event.metaKey) return;
  setLabels(document.body.classList.contains("no-labels"));
});
/** What the marks mean; sides only where the schema has any. */
function explainMarks() {
  const sided = new Set(DATA.keypoints.colors.map((color) => color.slice(1, 3) !== color.slice(5))).has(true);
  const words = [["", "#c9d1d9", "seen"], ["hollow", "#c9d1d9", "hidden"]];
  if (sided) words.push(["", "#2f97ff", "left"], ["", "#ff9a1f", "right"]);
  document.getElementById("marks-legend").append(...words.map(([kind, color, word]) => {
    const dot = element("i", { className: `dot ${kind}` });
    dot.style.setProperty("--dot", color);
    return element("span", {}, dot, word);
  }));
}

if (matchMedia("(max-width: 760px)").matches) document.getElementById("side").open = false;
explainMarks();
describe(summarize());
choose();
