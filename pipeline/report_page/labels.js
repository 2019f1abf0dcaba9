"use strict";
// Boxes, bones and keypoints of an image as an SVG that lies over it.

/**
 * The labels of an image that is shown `shownWidth` CSS pixels wide.
 * Lines keep their width on the screen; radii are given in image pixels, hence the scale.
 */
function labelLayer(image, shownWidth, { radius = 2.6, line = 1.3 } = {}) {
  const [width, height] = [DATA.images.width[image], DATA.images.height[image]];
  const layer = shape("svg", {
    class: "marks", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", "aria-hidden": "true",
  });
  const scaled = (radius * width) / shownWidth;
  for (const instance of INSTANCES_OF[image]) layer.append(instanceMarks(instance, scaled, line));
  return layer;
}

function instanceMarks(instance, radius, line) {
  const group = shape("g");
  const [x, y, width, height] = DATA.instances.bbox[instance];
  group.append(shape("rect", { class: "box", x, y, width: Math.max(0, width), height: Math.max(0, height) }));
  const points = pointsOf(instance);
  const { edges, colors } = DATA.keypoints;
  for (const [a, b, color] of edges) {
    const [from, to] = [points[a], points[b]];
    if (!from.state || !to.state) continue;
    const path = `M${from.x} ${from.y}L${to.x} ${to.y}`;
    const half = from.state === HIDDEN || to.state === HIDDEN;
    group.append(shape("path", { class: half ? "under half" : "under", d: path, "stroke-width": line + 1.4 }));
    group.append(shape("path", { class: half ? "bone half" : "bone", d: path, stroke: color, "stroke-width": line }));
  }
  points.forEach((point, i) => {
    if (point.state) group.append(...pointMarks(point, colors[i], radius, line));
  });
  return group;
}

/** A filled disc for a keypoint that is seen, a hollow one for a hidden; dark rims make both readable on any ground. */
function pointMarks({ x, y, state }, color, radius, line) {
  const circle = (attributes) => shape("circle", { cx: x, cy: y, r: radius, ...attributes });
  if (state === SEEN) return [circle({ fill: color, stroke: "#101216", "stroke-width": line * 0.8 })];
  return [
    circle({ fill: "none", stroke: "#101216", "stroke-opacity": 0.6, "stroke-width": line + 1.8 }),
    circle({ fill: "none", stroke: color, "stroke-width": line }),
  ];
}

/** Keypoints of an instance: x, y in image pixels and COCO's visibility as `state`. */
function pointsOf(instance) {
  const flat = DATA.instances.keypoints[instance];
  return DATA.keypoints.names.map((name, i) => ({ x: flat[3 * i], y: flat[3 * i + 1], state: flat[3 * i + 2] }));
}
