"use strict";
// Photos and their matches; a pair side by side with what each keypoint adds and what was sampled for the render.

const DATA = JSON.parse(document.getElementById("data").textContent);
const [HIDDEN, SEEN] = [1, 2];
const NAMES = DATA.keypoints.names;
const zoom = document.getElementById("zoom");
const labels = document.getElementById("labels");
let open = null; // [query, match] that the dialog shows

/** Left a disc, right a square, the middle a diamond: sides are told apart without colour. */
function outline(side, x, y, r) {
  if (side === "left") return shape("circle", { cx: x, cy: y, r });
  if (side === "right") return shape("rect", { x: x - 0.9 * r, y: y - 0.9 * r, width: 1.8 * r, height: 1.8 * r });
  return shape("path", { d: `M${x} ${y - 1.25 * r}L${x + 1.25 * r} ${y}L${x} ${y + 1.25 * r}L${x - 1.25 * r} ${y}Z` });
}

/** Filled where it is seen, hollow where it is hidden; dark rims make both readable on any ground. */
function mark(side, color, state, x, y, r) {
  const group = shape("g");
  const under = outline(side, x, y, r);
  const over = outline(side, x, y, r);
  const set = (node, values) => Object.entries(values).forEach(([name, value]) => node.setAttribute(name, value));
  if (state === SEEN) set(over, { fill: color, stroke: "#101216", "stroke-width": 1.2 });
  else set(over, { fill: "none", stroke: color, "stroke-width": 1.8 });
  set(under, { fill: "none", stroke: "#101216", "stroke-opacity": 0.65, "stroke-width": state === SEEN ? 0 : 3.8 });
  group.append(under, over);
  return group;
}

function marks(picture, shownWidth) {
  const { width, height, points } = picture;
  const layer = shape("svg", { class: "marks", viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  const at = (i) => ({ x: points[3 * i], y: points[3 * i + 1], state: points[3 * i + 2] });
  for (const [a, b, color] of DATA.keypoints.edges) {
    const [from, to] = [at(a), at(b)];
    if (!from.state || !to.state) continue;
    const d = `M${from.x} ${from.y}L${to.x} ${to.y}`;
    const half = from.state === HIDDEN || to.state === HIDDEN ? " half" : "";
    layer.append(shape("path", { class: `under${half}`, d, "stroke-width": 2.6 }));
    layer.append(shape("path", { class: `bone${half}`, d, stroke: color, "stroke-width": 1.3 }));
  }
  NAMES.forEach((name, i) => {
    const { x, y, state } = at(i);
    if (!state) return;
    const group = mark(DATA.sides[i], DATA.keypoints.colors[i], state, x, y, (3.6 * width) / shownWidth);
    group.dataset.keypoint = i;
    group.append(shape("title", {}, `${name}${state === HIDDEN ? ", hidden" : ""}`));
    layer.append(group);
  });
  return layer;
}

function stage(picture, alt, shownWidth) {
  const image = element("img", { src: picture.src, alt, width: picture.width, height: picture.height, loading: "lazy" });
  const node = element("div", { className: "stage" }, image);
  node.style.aspectRatio = `${picture.width} / ${picture.height}`;
  if (picture.width / picture.height > 4 / 3) node.classList.add("wide");
  if (picture.points.length) node.append(marks(picture, shownWidth));
  return node;
}

function meter(share) {
  const bar = element("i");
  bar.style.width = `${Math.max(0, Math.min(100, 100 * share))}%`;
  return element("div", { className: "meter" }, bar);
}

function viewpoint(match) {
  const said = new Map(match.facts.image.map(([name, value]) => [name, value]));
  const [azimuth, style] = [said.get("azimuth deg"), said.get("style")];
  return [style, azimuth === undefined ? null : `azimuth ${Math.round(Number(azimuth))}°`].filter(Boolean).join(", ");
}

function photoTile(query) {
  const caption = element("div", { className: "caption" }, element("b", { textContent: "photo" }));
  caption.append(query.score === null ? "" : ` detected with score ${query.score.toFixed(2)}`);
  return element("div", { className: "tile photo" },
    element("div", { className: "frame" }, stage(query.picture, `Photo ${query.name}`, 260)), caption);
}

function matchTile(q, m) {
  const match = DATA.queries[q].matches[m];
  const first = element("div", { className: "line" },
    element("b", { textContent: `${match.rank}.  ${match.score.toFixed(3)}` }),
    element("span", { textContent: match.name }));
  const tags = [[match.mirrored, "mirrored"], [!match.picture.there, "file is gone"]].filter(([on]) => on)
    .map(([, words]) => element("small", { className: "tag", textContent: words }));
  const caption = element("div", { className: "caption" }, first,
    element("div", { className: "line" }, element("span", { textContent: viewpoint(match) }), ...tags), meter(match.score));
  const tile = element("button", { className: "tile", type: "button" },
    element("div", { className: "frame" }, stage(match.picture, "", 230)), caption);
  tile.setAttribute("aria-label", `Match ${match.rank}, similarity ${match.score.toFixed(3)}, ${match.name}` +
    `${match.mirrored ? ", mirrored" : ""}: open`);
  tile.dataset.query = q;
  tile.dataset.match = m;
  tile.addEventListener("click", () => show(q, m));
  return tile;
}

function querySection(query, q) {
  const head = element("div", { className: "query-head" }, element("h2", { textContent: query.name }),
    element("span", { textContent: query.note || `${query.matches.length} matches` }),
    element("a", { href: query.link, textContent: "the photo itself" }));
  const strip = element("div", { className: "strip" }, photoTile(query), ...query.matches.map((_, m) => matchTile(q, m)));
  const section = element("section", { className: "query" }, head, strip);
  section.setAttribute("aria-label", query.name);
  return section;
}

function figure(picture, name, link, words) {
  const caption = element("figcaption", {}, words, " ");
  caption.append(link ? element("a", { href: link, textContent: name }) : `${name} (file is gone)`);
  return element("figure", {}, stage(picture, words, 420), caption);
}

/** What each keypoint adds, greatest first; then those that only one of the two has. */
function termList(query, match) {
  const greatest = Math.max(...Object.values(match.terms), 1e-6);
  const rows = NAMES.map((name, i) => ({ name, i, term: match.terms[name] || 0,
    ours: query.picture.points[3 * i + 2] > 0, theirs: match.picture.points[3 * i + 2] > 0 }));
  const list = element("ul", { className: "terms" });
  for (const row of rows.filter((r) => r.ours || r.theirs).sort((a, b) => b.term - a.term)) {
    const item = element("li", {}, element("span", { textContent: row.name }));
    if (row.ours && row.theirs || row.term > 0) {
      item.append(meter(row.term / greatest), element("output", { textContent: row.term.toFixed(3) }));
    } else item.append(element("span", { className: "only", textContent: row.ours ? "only in the photo" : "only in the match" }));
    for (const [event, strong] of [["mouseenter", true], ["mouseleave", false]]) {
      item.addEventListener(event, () => highlight(row.i, strong));
    }
    list.append(item);
  }
  return list;
}

function highlight(keypoint, strong) {
  for (const node of zoom.querySelectorAll(`[data-keypoint="${keypoint}"] > :nth-child(2)`)) {
    node.classList.toggle("strong", strong);
  }
}

function factGroups(match) {
  const groups = Object.entries(match.facts).filter(([, facts]) => facts.length).map(([title, facts]) => {
    const list = element("dl");
    for (const [name, value, color] of facts) {
      const text = element("dd", {}, value);
      if (color) {
        const swatch = element("span", { className: "swatch" });
        swatch.style.background = color;
        text.replaceChildren(swatch, ` ${color}`);
      }
      list.append(element("dt", { textContent: name || title }), text);
    }
    return element("section", {}, element("h3", { textContent: title }), list);
  });
  return element("div", { className: "facts" }, ...groups);
}

function show(q, m) {
  const query = DATA.queries[q];
  const match = query.matches[m];
  open = [q, m];
  document.getElementById("zoom-title").textContent = query.name;
  document.getElementById("zoom-place").textContent = `match ${m + 1} of ${query.matches.length}, similarity ${match.score.toFixed(3)}`;
  const why = element("section", { className: "why" },
    element("h3", { textContent: match.mirrored ? "What each keypoint of the mirrored photo adds" : "What each keypoint adds" }),
    termList(query, match));
  const body = document.getElementById("zoom-body");
  body.replaceChildren(figure(query.picture, query.name, query.link, "Photo"),
    figure(match.picture, match.name, match.link, match.mirrored ? "Match, like the photo's mirror image" : "Match"), why, factGroups(match));
  body.scrollTop = 0;
  document.getElementById("zoom-back").disabled = m === 0;
  document.getElementById("zoom-on").disabled = m === query.matches.length - 1;
  if (!zoom.open) zoom.showModal();
}

function step(by) {
  const [q, m] = open;
  if (DATA.queries[q].matches[m + by]) show(q, m + by);
}

/** Arrow keys between tiles: left and right in reading order, up and down to the tile above or below. */
function move(key) {
  const tiles = [...document.querySelectorAll("button.tile")];
  const here = document.activeElement.closest?.("button.tile");
  if (!tiles.length) return false;
  if (!here) return false;
  const place = tiles.indexOf(here);
  let next = { ArrowLeft: place - 1, ArrowRight: place + 1 }[key];
  if (next === undefined) {
    const from = here.getBoundingClientRect();
    const sign = key === "ArrowDown" ? 1 : -1;
    const away = (tile) => {
      const to = tile.getBoundingClientRect();
      const down = sign * (to.top - from.top);
      return down > 5 ? down * 10 + Math.abs(to.left - from.left) : Infinity;
    };
    const best = tiles.reduce((a, b) => (away(b) < away(a) ? b : a));
    next = away(best) < Infinity ? tiles.indexOf(best) : -1;
  }
  if (!tiles[next]) return false;
  tiles[next].focus();
  tiles[next].scrollIntoView({ block: "nearest" });
  return true;
}

function setLabels(on) {
  labels.checked = on;
  document.body.classList.toggle("no-labels", !on);
}

function legend() {
  const [left, right, middle] = ["left", "right", ""].map((side) => DATA.sides.indexOf(side));
  const item = (i, state, words) => {
    const icon = shape("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" });
    icon.append(mark(DATA.sides[i], DATA.keypoints.colors[i], state, 8, 8, 5));
    return element("span", {}, icon, words);
  };
  const items = [[left, "the car's left"], [right, "its right"], [middle, "middle"]].filter(([i]) => i >= 0);
  const some = items.length ? items[0][0] : 0;
  document.getElementById("marks-legend").append(...items.map(([i, words]) => item(i, SEEN, words)), item(some, HIDDEN, "hidden"));
}

document.getElementById("search").append(...DATA.search.facts.map(([name, value]) =>
  element("div", {}, element("dt", { textContent: name }), element("dd", { textContent: value }))));
document.getElementById("queries").append(...DATA.queries.map(querySection));
legend();
labels.addEventListener("change", () => setLabels(labels.checked));
document.getElementById("zoom-back").addEventListener("click", () => step(-1));
document.getElementById("zoom-on").addEventListener("click", () => step(1));
document.getElementById("zoom-close").addEventListener("click", () => zoom.close());
zoom.addEventListener("close", () => {
  const [q, m] = open;
  document.querySelector(`button.tile[data-query="${q}"][data-match="${m}"]`)?.focus();
});
zoom.addEventListener("click", (event) => { if (event.target === zoom) zoom.close(); });
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "l" || event.key === "L") setLabels(!labels.checked);
  else if (zoom.open && (event.key === "ArrowLeft" || event.key === "ArrowRight")) step(event.key === "ArrowLeft" ? -1 : 1);
  else if (!zoom.open && event.key.startsWith("Arrow") && move(event.key)) event.preventDefault();
});
