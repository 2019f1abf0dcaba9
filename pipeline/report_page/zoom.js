"use strict";
// One image as large as the window allows, with what is known of it. Left and right step, Escape closes.

const STATES = ["absent", "hidden", "seen"];

class Zoom {
  #dialog = document.getElementById("zoom");
  #figure = document.getElementById("zoom-figure");
  #chosen = [];
  #place = 0;
  #closed;

  /** `closed(place)` is called with the place that was shown last. */
  constructor(closed) {
    this.#closed = closed;
    document.getElementById("zoom-back").addEventListener("click", () => this.step(-1));
    document.getElementById("zoom-on").addEventListener("click", () => this.step(1));
    document.getElementById("zoom-close").addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("click", (event) => {
      if (event.target === this.#dialog) this.#dialog.close(); // the backdrop
    });
    this.#dialog.addEventListener("close", () => this.#closed(this.#place));
    this.#dialog.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      this.step(step);
    });
    new ResizeObserver(() => this.#fit()).observe(this.#figure);
  }

  open(chosen, place) {
    this.#chosen = chosen;
    this.#place = place;
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#show();
  }

  step(by) {
    const goal = this.#place + by;
    if (goal < 0 || goal >= this.#chosen.length) return;
    this.#place = goal;
    this.#show();
  }

  #show() {
    const image = this.#chosen[this.#place];
    document.getElementById("zoom-title").textContent = DATA.images.name[image];
    document.getElementById("zoom-place").textContent =
      `${NUMBER.format(this.#place + 1)} of ${NUMBER.format(this.#chosen.length)}`;
    document.getElementById("zoom-back").disabled = this.#place === 0;
    document.getElementById("zoom-on").disabled = this.#place === this.#chosen.length - 1;
    const stage = element("div", { className: "stage" });
    const picture = element("img", { src: DATA.images.href[image], alt: `Image ${DATA.images.id[image]}` });
    picture.addEventListener("error", () => this.#fallBack(image, picture));
    stage.append(picture);
    this.#figure.replaceChildren(stage);
    this.#fit();
    document.getElementById("zoom-facts").replaceChildren(factList(image), ...pointLists(image, this.#figure));
    const next = this.#chosen[this.#place + 1];
    if (next !== undefined) new Image().src = DATA.images.href[next];
  }

  #fit() {
    const stage = this.#figure.querySelector(".stage");
    if (!stage || !this.#figure.clientHeight) return; // closed
    const image = this.#chosen[this.#place];
    const [width, height] = [DATA.images.width[image], DATA.images.height[image]];
    const scale = Math.min(this.#figure.clientWidth / width, this.#figure.clientHeight / height);
    Object.assign(stage.style, { width: `${width * scale}px`, height: `${height * scale}px` });
    stage.querySelector(".marks")?.remove();
    stage.append(labelLayer(image, width * scale, { radius: 5, line: 2 }));
  }

  /** The page was moved away from its dataset: the thumbnail is what there is. */
  #fallBack(image, picture) {
    const stage = picture.parentElement;
    if (!stage) return;
    const small = thumbnail(image, stage.clientWidth, stage.clientHeight);
    if (small) picture.replaceWith(small);
    else picture.remove();
    const place = decodeURIComponent(DATA.images.href[image]);
    this.#figure.append(element("p", {
      className: "lost",
      textContent: small ? `Only the thumbnail: the image is not at ${place}` : `The image is not at ${place}`,
    }));
  }
}

function factList(image) {
  const list = element("dl");
  const add = (name, value) => list.append(element("dt", { textContent: name }), element("dd", {}, value));
  add("Id", String(DATA.images.id[image]));
  add("Size, px", `${DATA.images.width[image]} × ${DATA.images.height[image]}`);
  for (const field of DATA.fields) {
    const value = fieldText(field.key, image);
    if (value !== null) add(field.label, field.kind === "color" ? swatch(value) : value);
  }
  const light = DATA.thumbnails.brightness[image];
  if (light !== null) add("Brightness, 0 to 1", light.toFixed(2));
  return list;
}

function swatch(color) {
  const node = element("span", { className: "swatch", title: color });
  node.setAttribute("role", "img");
  node.setAttribute("aria-label", color);
  node.style.background = color;
  return node;
}

/** Each instance's keypoints by name; the pointer over one shows it in the picture. */
function pointLists(image, figure) {
  return INSTANCES_OF[image].map((instance, number) => {
    const points = pointsOf(instance);
    const inFrame = points.filter((point) => point.state).length;
    const title = INSTANCES_OF[image].length > 1 ? `Object ${number + 1}` : "Keypoints";
    const heading = element("h3", { textContent: `${title}: ${inFrame} of ${points.length} in the frame` });
    const list = element("ul", { className: "points" });
    points.forEach((point, i) => {
      const dot = element("i", { className: `dot ${["none", "hollow", ""][point.state]}` });
      dot.style.setProperty("--dot", DATA.keypoints.colors[i]);
      const row = element("li", { className: point.state ? "" : "gone" }, dot,
        DATA.keypoints.names[i], element("small", { textContent: whatHides(instance, i) ?? STATES[point.state] }));
      row.addEventListener("pointerenter", () => markFound(figure, point, DATA.keypoints.names[i]));
      row.addEventListener("pointerleave", () => markFound(figure, null));
      list.append(row);
    });
    return element("div", {}, heading, list);
  });
}

/** Why a keypoint is not seen, where the dataset says so. */
function whatHides(instance, keypoint) {
  const reason = DATA.instances.hidden_by[instance]?.[keypoint] ?? -1;
  if (reason < 0) return null;
  const [word, state] = [DATA.instances.reasons[reason], DATA.instances.keypoints[instance][3 * keypoint + 2]];
  return state === HIDDEN ? `hidden: ${word}` : `absent: ${word}`;
}

function markFound(figure, point, name) {
  const layer = figure.querySelector(".marks");
  layer?.querySelectorAll(".found, .tag").forEach((mark) => mark.remove());
  if (!layer || !point?.state) return;
  const unit = layer.viewBox.baseVal.width / layer.clientWidth;
  const left = point.x > layer.viewBox.baseVal.width * 0.7;
  layer.append(
    shape("circle", { class: "found", cx: point.x, cy: point.y, r: 10 * unit }),
    shape("text", {
      class: "tag", x: point.x + (left ? -14 : 14) * unit, y: point.y + 5 * unit,
      "font-size": 15 * unit, "stroke-width": 4 * unit, "text-anchor": left ? "end" : "start",
    }, name),
  );
}
