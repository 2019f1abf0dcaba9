"use strict";
// Which images are shown, and in which order.

const ORDERS = [
  ["as in the file", null],
  ["most hidden first", (image) => -(HIDDEN_SHARE[image] ?? -1)],
  ["largest box first", (image) => -largestBox(image)],
  ["smallest box first", (image) => largestBox(image) || Infinity],
  ["darkest first", (image) => DATA.thumbnails.brightness[image] ?? 2],
  ["brightest first", (image) => -(DATA.thumbnails.brightness[image] ?? -1)],
];

function largestBox(image) {
  return INSTANCES_OF[image].reduce((most, instance) => Math.max(most, boxSide(instance)), 0);
}

class Filters {
  #form = document.getElementById("filters");
  #search = document.getElementById("search");
  #from = document.getElementById("hidden-from");
  #to = document.getElementById("hidden-to");
  #order = document.getElementById("order");
  #haystack = DATA.images.name.map((name, i) => `${name} ${fieldText("vehicle", i) ?? ""}`.toLowerCase());

  /** `changed()` is called after each change of a filter or of the order. */
  constructor(changed) {
    for (const field of DATA.fields) {
      if (field.filter && field.choices.length > 1) document.getElementById("choices").append(choiceList(field));
    }
    document.getElementById("hidden-share").hidden = HIDDEN_SHARE.every((share) => !share);
    ORDERS.forEach(([name], i) => this.#order.append(new Option(name, i)));
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    this.#form.addEventListener("input", () => { this.#tell(); changed(); });
    this.#form.addEventListener("reset", () => setTimeout(() => { this.#tell(); changed(); })); // after the fields are
    this.#order.addEventListener("change", changed);
    this.#tell();
  }

  /** Places of the images that pass every filter, in the order asked for. */
  chosen() {
    const tests = [this.#searchTest(), this.#hiddenTest(), ...DATA.fields.map((field) => this.#choiceTest(field))];
    const active = tests.filter(Boolean);
    const found = [];
    for (let image = 0; image < COUNT; image += 1) {
      if (active.every((test) => test(image))) found.push(image);
    }
    const key = ORDERS[Number(this.#order.value)][1];
    if (!key) return found;
    const keys = new Map(found.map((image) => [image, key(image)]));
    return found.sort((a, b) => keys.get(a) - keys.get(b) || a - b);
  }

  #tell() {
    document.getElementById("hidden-from-text").textContent = percent(this.#from.value / 100);
    document.getElementById("hidden-to-text").textContent = percent(this.#to.value / 100);
  }

  /** Every word must match: a number an image's id or its file's number, anything else a part of its file or vehicle. */
  #searchTest() {
    const words = this.#search.value.toLowerCase().split(/[\s,]+/).filter(Boolean);
    if (!words.length) return null;
    const matches = (image, word) => {
      if (!/^\d+$/.test(word)) return this.#haystack[image].includes(word);
      const inName = DATA.images.name[image].replace(/\.\w+$/, "").match(/\d+$/);
      return DATA.images.id[image] === Number(word) || (inName !== null && Number(inName[0]) === Number(word));
    };
    return (image) => words.every((word) => matches(image, word));
  }

  #hiddenTest() {
    const [from, to] = [this.#from.value / 100, this.#to.value / 100];
    if (from === 0 && to === 1) return null;
    return (image) => HIDDEN_SHARE[image] !== null && HIDDEN_SHARE[image] >= from && HIDDEN_SHARE[image] <= to;
  }

  #choiceTest(field) {
    const boxes = this.#form.querySelectorAll(`input[name="${field.key}"]:checked`);
    const wanted = new Set([...boxes].map((box) => Number(box.value)));
    return wanted.size ? (image) => wanted.has(field.values[image]) : null;
  }
}

function choiceList(field) {
  const counts = field.choices.map(() => 0);
  for (const value of field.values) if (value !== null) counts[value] += 1;
  const options = element("div", { className: "options" }, ...field.choices.map((choice, i) => element(
    "label", {},
    element("input", { type: "checkbox", name: field.key, value: i }),
    element("span", { textContent: choice }),
    element("small", { textContent: NUMBER.format(counts[i]) }),
  )));
  return element("fieldset", {}, element("legend", { textContent: field.label }), options);
}
