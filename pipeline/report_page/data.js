"use strict";
// The dataset as the page's other parts read it: columns from the JSON, and what follows from them per image.

const DATA = JSON.parse(document.getElementById("data").textContent);
const SEEN = 2;
const HIDDEN = 1;
const COUNT = DATA.images.id.length;
const FIELDS = new Map(DATA.fields.map((field) => [field.key, field]));

/** Places of each image's instances. */
const INSTANCES_OF = Array.from({ length: COUNT }, () => []);
DATA.instances.image.forEach((image, instance) => INSTANCES_OF[image].push(instance));

/** Hidden keypoints of each image as a share of those in the frame; null without any. */
const HIDDEN_SHARE = INSTANCES_OF.map((instances) => {
  let seen = 0;
  let hidden = 0;
  for (const instance of instances) {
    const points = DATA.instances.keypoints[instance];
    for (let i = 2; i < points.length; i += 3) {
      if (points[i] === SEEN) seen += 1;
      else if (points[i] === HIDDEN) hidden += 1;
    }
  }
  return seen + hidden ? hidden / (seen + hidden) : null;
});

/** Side of the square with a box's area, pixels: what COCO's small, medium and large go by. */
function boxSide(instance) {
  const [, , width, height] = DATA.instances.bbox[instance];
  return Math.sqrt(Math.max(0, width) * Math.max(0, height));
}

/** What an image's field says, as text; null where it is not known. */
function fieldText(key, image) {
  const field = FIELDS.get(key);
  const value = field ? field.values[image] : null;
  if (value === null || value === undefined) return null;
  return field.kind === "choice" ? field.choices[value] : String(value);
}

const NUMBER = new Intl.NumberFormat("en");
const percent = (share) => `${Math.round(100 * share)}\u00a0%`;
const counted = (count, one, many = `${one}s`) => `${NUMBER.format(count)} ${count === 1 ? one : many}`;

/** A box of `width` by `height` that shows the thumbnail; null where the image could not be read. */
function thumbnail(image, width, height) {
  const { cell, columns, perSheet, sheets, sizes } = DATA.thumbnails;
  const [thumbWidth, thumbHeight] = sizes[image];
  if (!thumbWidth) return null;
  const place = image % perSheet;
  const inSheet = Math.min(perSheet, COUNT - (image - place));
  const [x, y] = [width / thumbWidth, height / thumbHeight];
  const node = element("div", { className: "thumb" });
  Object.assign(node.style, {
    width: `${width}px`,
    height: `${height}px`,
    backgroundImage: `url("${sheets[Math.floor(image / perSheet)]}")`,
    backgroundSize: `${Math.min(columns, inSheet) * cell * x}px ${Math.ceil(inSheet / columns) * cell * y}px`,
    backgroundPosition: `${-(place % columns) * cell * x}px ${-Math.floor(place / columns) * cell * y}px`,
  });
  return node;
}
