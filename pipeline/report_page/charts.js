"use strict";
// Charts of the chosen images, over all images where the two can be compared. Each is an inline SVG with a summary.

const BINS = 24;
const PHONE = matchMedia("(max-width: 480px)"); // drawings are as wide as that, so that their text is not made smaller

/** All charts of `chosen` (places of images); `open(image)` is called for a click on a viewpoint. */
function drawCharts(host, chosen, open) {
  const everything = Array.from({ length: COUNT }, (_, i) => i);
  const instances = (images) => images.flatMap((image) => INSTANCES_OF[image]);
  const known = (values) => values.filter((value) => value !== null && value !== undefined);
  const brightness = (images) => known(images.map((image) => DATA.thumbnails.brightness[image]));
  const hidden = (images) => known(images.map((image) => HIDDEN_SHARE[image]));
  const sides = (images) => instances(images).map(boxSide);
  const grid = element("div", { className: "charts" });
  if (FIELDS.has("azimuth") && FIELDS.has("elevation")) grid.append(viewpointChart(everything, chosen, open));
  grid.append(visibilityChart(instances(chosen)));
  grid.append(
    histogram("Box size", "√(width × height) of each box, pixels. Dotted: COCO's small, medium and large part at 32 and 96.",
      sides(everything), sides(chosen), { from: 0, guides: [32, 96] }),
    histogram("Brightness", "Mean brightness of each image, 0 black to 1 white.",
      brightness(everything), brightness(chosen), { from: 0, to: 1 }),
  );
  if (HIDDEN_SHARE.some(Boolean)) {
    grid.append(histogram("Hidden keypoints", "Share of an image's keypoints in the frame that something hides.",
      hidden(everything), hidden(chosen), { from: 0, to: 1, text: percent }));
  }
  host.replaceChildren(grid);
}

function chart(title, note, picture, { className = "chart" } = {}, ...more) {
  return element(
    "article", { className },
    element("h2", { textContent: title }), element("p", { textContent: note }), picture, ...more,
  );
}

function picture(width, height, summary, ...children) {
  const attributes = { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": summary };
  return shape("svg", attributes, ...children);
}

const text = (x, y, content, attributes = {}) => shape("text", { x, y, ...attributes }, content);

/** Bars of counts: all images behind, the chosen ones in front, on one scale. */
function histogram(title, note, all, chosen, { from, to, guides = [], text: write = String }) {
  const size = { width: 330, height: 175, left: 40, right: 20, top: 8, bottom: 24 };
  if (!all.length) return chart(title, "Nothing of this is known here.", picture(size.width, 8, title));
  const ticks = niceTicks(from, to ?? all.reduce((a, b) => Math.max(a, b), from + 1e-9));
  const [low, high] = [ticks[0], ticks.at(-1)];
  const [back, front] = [all, chosen].map((values) => binned(values, low, high));
  const most = Math.max(...back);
  const plot = { width: size.width - size.left - size.right, height: size.height - size.top - size.bottom };
  const x = (value) => size.left + ((value - low) / (high - low)) * plot.width;
  const y = (count) => size.top + plot.height * (1 - count / most);
  const bars = (counts, name) => counts.map((count, i) => {
    const [a, b] = [i, i + 1].map((edge) => low + ((high - low) * edge) / BINS);
    const bar = shape("rect", {
      class: name, x: x(a) + 0.5, width: x(b) - x(a) - 1, y: y(count), height: size.top + plot.height - y(count),
    });
    bar.append(shape("title", {}, `${write(round(a))} to ${write(round(b))}: ${NUMBER.format(count)}`));
    return bar;
  });
  const axis = shape("path", { class: "axis", d: `M${size.left} ${y(0)}H${size.width - size.right}` });
  const marks = ticks.map((tick) => text(x(tick), size.height - 6, write(tick), { "text-anchor": "middle" }));
  const lines = guides.filter((guide) => guide < high).map(
    (guide) => shape("path", { class: "guide", d: `M${x(guide)} ${size.top}V${y(0)}` }),
  );
  const counts = [text(size.left - 6, y(most) + 9, NUMBER.format(most), { "text-anchor": "end" }),
    text(size.left - 6, y(0), "0", { "text-anchor": "end" })];
  const middle = chosen.length ? write(round(median(chosen))) : "none";
  const summary = `${title}: median ${middle} of ${NUMBER.format(chosen.length)}`;
  const body = picture(size.width, size.height, summary,
    ...bars(back, "all"), ...bars(front, "chosen"), axis, ...lines, ...marks, ...counts);
  return chart(title, `${note} Median ${middle}.`, body);
}

/** For each keypoint the shares of instances in which it is seen, hidden or absent. */
function visibilityChart(instances) {
  const rows = DATA.keypoints.names.map((name, i) => {
    const counts = [0, 0, 0];
    for (const instance of instances) counts[DATA.instances.keypoints[instance][3 * i + 2]] += 1;
    return { name, counts };
  });
  const longest = rows.reduce((most, { name }) => Math.max(most, name.length), 0);
  const size = { width: PHONE.matches ? 330 : 420, row: 19, left: Math.min(170, 12 + 6.6 * longest), right: 42 };
  const wide = size.width - size.left - size.right;
  const total = instances.length || 1;
  const shapes = rows.flatMap(({ name, counts }, i) => {
    const top = i * size.row + 4;
    let start = size.left;
    const parts = [[SEEN, "seen"], [HIDDEN, "hidden"], [0, "absent"]].map(([state, word]) => {
      const width = (wide * counts[state]) / total;
      const part = shape("rect", { class: word, x: start, y: top, width, height: size.row - 5 });
      part.append(shape("title", {}, `${name} ${word}: ${NUMBER.format(counts[state])} (${percent(counts[state] / total)})`));
      start += width;
      return part;
    });
    return [
      text(size.left - 8, top + 11, shortened(name, 24), { "text-anchor": "end", class: "name" }), ...parts,
      text(size.width, top + 11, percent(counts[SEEN] / total), { "text-anchor": "end" }),
    ];
  });
  const summary = rows.map(({ name, counts }) => `${name} seen ${percent(counts[SEEN] / total)}`).join(", ");
  const legend = element("div", { className: "legend" }, ...["seen", "hidden", "absent"].map(
    (word) => element("span", {}, element("i", { className: word }), word),
  ));
  const note = `Shares of ${counted(instances.length, "labelled object")}; the figure is the share seen.`;
  return chart("Keypoint visibility", note, picture(size.width, rows.length * size.row + 4, summary, ...shapes),
    { className: "chart wide" }, legend);
}

/** Where the camera stood, seen from above the vehicle: its front is up, so its left is on the left. */
function viewpointChart(all, chosen, open) {
  const size = PHONE.matches ? 330 : 420;
  const middle = size / 2;
  const [reach, lowest] = [middle - 26, -10];
  const [azimuths, elevations] = [FIELDS.get("azimuth").values, FIELDS.get("elevation").values];
  const radius = (elevation) => (reach * (90 - Math.max(lowest, elevation))) / (90 - lowest);
  const place = (image) => {
    const angle = (azimuths[image] * Math.PI) / 180;
    const r = radius(elevations[image]);
    return [middle - r * Math.sin(angle), middle - r * Math.cos(angle)];
  };
  const has = (image) => azimuths[image] !== null && elevations[image] !== null;
  const dots = (images, name, width) => shape("path", {
    class: name, "stroke-width": width, d: images.map((image) => `M${place(image).map(round).join(" ")}h0`).join(""),
  });
  const rings = [0, 30, 60].flatMap((elevation) => [
    shape("circle", { class: "axis", cx: middle, cy: middle, r: radius(elevation) }),
    text(middle + 3, middle - radius(elevation) - 3, `${elevation}°`),
  ]);
  const spokes = [0, 45, 90, 135].map((angle) => {
    const [x, y] = [reach * Math.sin((angle * Math.PI) / 180), reach * Math.cos((angle * Math.PI) / 180)];
    return shape("path", { class: "axis", d: `M${middle - x} ${middle - y}L${middle + x} ${middle + y}` });
  });
  const names = [
    text(middle, 12, "front 0°", { "text-anchor": "middle" }), text(middle, size - 4, "rear 180°", { "text-anchor": "middle" }),
    text(13, middle, "left 90°", { "text-anchor": "middle", transform: `rotate(-90 13 ${middle})` }),
    text(size - 13, middle, "right 270°", { "text-anchor": "middle", transform: `rotate(90 ${size - 13} ${middle})` }),
  ];
  const shown = chosen.filter(has);
  const width = shown.length > 3000 ? 2.4 : shown.length > 300 ? 3.6 : 6;
  const layer = dots(shown, "dots", width);
  layer.style.strokeOpacity = shown.length > 1000 ? 0.5 : 0.8;
  const pick = shape("circle", { class: "pick", r: 6, visibility: "hidden" });
  const summary = `Viewpoints of ${counted(shown.length, "image")}: arrow keys go round the vehicle, Enter opens`;
  const body = picture(size, size, summary,
    ...rings, ...spokes, vehicleOutline(middle), dots(all.filter(has), "dots-all", width), layer, pick, ...names);
  pickViewpoints(body, pick, shown.sort((a, b) => azimuths[a] - azimuths[b]), place, open);
  return chart("Viewpoints",
    "Azimuth around the vehicle, elevation 0° on the ring marked so, 90° overhead in the middle. Click a point to see its image.", body,
    { className: "chart wide viewpoint" });
}

function vehicleOutline(middle) {
  const body = `M${middle - 7} ${middle - 12}q7 -6 14 0v26q-7 4 -14 0z`;
  const glass = `M${middle - 5} ${middle - 4}q5 -3 10 0M${middle - 5} ${middle + 9}q5 2 10 0`;
  return shape("path", { class: "vehicle", d: body + glass });
}

/** Marks the image under the pointer, or the one that arrow keys come to; a click or Enter opens it. */
function pickViewpoints(body, pick, images, place, open) {
  const title = shape("title");
  let picked = null;
  body.append(title);
  const mark = (image) => {
    picked = image;
    pick.setAttribute("visibility", image === null ? "hidden" : "visible");
    body.style.cursor = image === null ? "" : "zoom-in";
    title.textContent = "";
    if (image === null) return;
    const [x, y] = place(image);
    pick.setAttribute("cx", x);
    pick.setAttribute("cy", y);
    title.textContent = `image ${DATA.images.id[image]}: azimuth ${fieldText("azimuth", image)}°, elevation ${fieldText("elevation", image)}°`;
  };
  const nearest = (event) => {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(body.getScreenCTM().inverse());
    let [best, found] = [12, null];
    for (const image of images) {
      const [x, y] = place(image);
      const distance = Math.hypot(x - point.x, y - point.y);
      if (distance < best) [best, found] = [distance, image];
    }
    return found;
  };
  body.addEventListener("pointermove", (event) => mark(nearest(event)));
  body.addEventListener("click", (event) => {
    mark(nearest(event));
    if (picked !== null) open(picked);
  });
  body.setAttribute("tabindex", 0);
  body.addEventListener("keydown", (event) => {
    const step = { ArrowRight: -1, ArrowDown: -1, ArrowLeft: 1, ArrowUp: 1 }[event.key]; // azimuth runs against the clock
    if (event.key === "Enter" && picked !== null) open(picked);
    else if (step && images.length) {
      const next = picked === null ? 0 : images.indexOf(picked) + step;
      mark(images[(next + images.length) % images.length]);
      body.setAttribute("aria-label", title.textContent);
    } else return;
    event.preventDefault();
  });
}

function binned(values, low, high) {
  const counts = new Array(BINS).fill(0);
  for (const value of values) {
    const bin = Math.floor(((value - low) / (high - low)) * BINS);
    counts[Math.min(BINS - 1, Math.max(0, bin))] += 1;
  }
  return counts;
}

/** Round numbers from `low` to at least `high`: steps of 1, 2, 2.5 or 5 times a power of ten, about five of them. */
function niceTicks(low, high) {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough * 0.999);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(6)));
}

const round = (value) => Number(value.toPrecision(3));
const shortened = (name, length) => (name.length > length ? `${name.slice(0, length - 1)}…` : name);

function median(values) {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
