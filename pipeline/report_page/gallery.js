"use strict";
// The grid of images. Only the rows near the screen are in the document: a dataset may have 100,000 images.

const CARD = { width: 200, caption: 28, gap: 12, spareRows: 2 };

class Gallery {
  #host;
  #open;
  #chosen = [];
  #cards = new Map();
  #current = 0;
  #columns = 1;
  #cardWidth = CARD.width;

  /** `open(place)` is called with a place among the images shown. */
  constructor(host, open) {
    this.#host = host;
    this.#open = open;
    addEventListener("scroll", () => this.#refresh(), { passive: true });
    new ResizeObserver(() => this.#layOut()).observe(host);
    host.addEventListener("keydown", (event) => this.#move(event));
  }

  show(chosen) {
    this.#chosen = chosen;
    this.#current = 0;
    this.#layOut();
  }

  /** Bring the image at `place` on the screen and give it the keyboard. */
  focus(place) {
    this.#current = place;
    const top = this.#host.getBoundingClientRect().top + Math.floor(place / this.#columns) * this.#rowHeight;
    const bar = this.#host.previousElementSibling.offsetHeight + 4;
    if (top < bar) scrollBy(0, top - bar);
    else if (top + this.#rowHeight > innerHeight) scrollBy(0, top + this.#rowHeight - innerHeight);
    this.#refresh();
    this.#cards.get(place)?.focus({ preventScroll: true });
  }

  get #rowHeight() {
    return this.#cardWidth + CARD.caption + CARD.gap;
  }

  #layOut() {
    const width = this.#host.clientWidth;
    if (!width) return; // another tab is open
    this.#columns = Math.max(2, Math.floor((width + CARD.gap) / (CARD.width + CARD.gap)));
    this.#cardWidth = Math.floor((width + CARD.gap) / this.#columns) - CARD.gap;
    this.#host.style.height = `${Math.ceil(this.#chosen.length / this.#columns) * this.#rowHeight}px`;
    for (const card of this.#cards.values()) card.remove();
    this.#cards.clear();
    this.#refresh();
  }

  #refresh() {
    if (!this.#host.clientWidth) return;
    const above = -this.#host.getBoundingClientRect().top;
    const firstRow = Math.max(0, Math.floor(above / this.#rowHeight) - CARD.spareRows);
    const lastRow = Math.ceil((above + innerHeight) / this.#rowHeight) + CARD.spareRows;
    const first = firstRow * this.#columns;
    const last = Math.min(this.#chosen.length, lastRow * this.#columns);
    for (const [place, card] of this.#cards) {
      if (place >= first && place < last) continue;
      card.remove();
      this.#cards.delete(place);
    }
    if (this.#current < first || this.#current >= last) this.#current = first;
    for (let place = first; place < last; place += 1) {
      if (!this.#cards.has(place)) this.#add(place);
      this.#cards.get(place).tabIndex = place === this.#current ? 0 : -1;
    }
  }

  #add(place) {
    const card = this.#card(this.#chosen[place]);
    const [column, row] = [place % this.#columns, Math.floor(place / this.#columns)];
    const left = column * (this.#cardWidth + CARD.gap);
    card.style.transform = `translate(${left}px, ${row * this.#rowHeight}px)`;
    card.addEventListener("click", () => this.#open(place));
    card.addEventListener("focus", () => { this.#current = place; });
    this.#cards.set(place, card);
    const after = [...this.#cards.keys()].filter((other) => other > place);
    const next = after.length ? this.#cards.get(Math.min(...after)) : null;
    this.#host.insertBefore(card, next); // the document's order is the gallery's, for those who hear it
  }

  #card(image) {
    const inner = this.#cardWidth - 2;
    const [imageWidth, imageHeight] = [DATA.images.width[image], DATA.images.height[image]];
    const scale = Math.min(inner / imageWidth, inner / imageHeight);
    const [width, height] = [imageWidth * scale, imageHeight * scale];
    const frame = element("span", { className: "frame" });
    const picture = thumbnail(image, width, height);
    if (picture) picture.append(labelLayer(image, width));
    frame.append(picture ?? element("span", { className: "missing", textContent: "image not readable" }));
    const facts = [fieldText("style", image), fieldText("split", image)].filter(Boolean).join(", ");
    const caption = element(
      "span", { className: "caption" },
      element("b", { textContent: DATA.images.id[image] }),
      element("span", { textContent: facts || DATA.images.name[image] }),
    );
    const card = element("button", { type: "button", className: "card" }, frame, caption);
    card.dataset.image = image;
    card.setAttribute("aria-label", `Image ${DATA.images.id[image]}, ${facts || DATA.images.name[image]}`);
    Object.assign(card.style, { width: `${this.#cardWidth}px`, height: `${this.#rowHeight - CARD.gap}px` });
    return card;
  }

  #move(event) {
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.#columns, ArrowDown: this.#columns };
    const last = this.#chosen.length - 1;
    const goal = { Home: 0, End: last }[event.key] ?? this.#current + (steps[event.key] ?? NaN);
    if (Number.isNaN(goal)) return;
    event.preventDefault();
    if (goal >= 0 && goal <= last) this.focus(goal);
  }
}
