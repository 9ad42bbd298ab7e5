// What both pictures of a tree are drawn from.

const SVG_NAMES = "http://www.w3.org/2000/svg";
export const NAMED = 11; // more branches than one beyond this are summarised in a last row

export function svgNode(name, attributes = {}, ...children) {
  const node = document.createElementNS(SVG_NAMES, name);
  for (const [key, value] of Object.entries(attributes)) {
    node.setAttribute(key, typeof value === "number" ? Number(value.toFixed(2)) : value);
  }
  node.append(...children);
  return node;
}

export function svgText(words, x, y, attributes = {}) {
  const node = svgNode("text", { x, y, fill: "var(--bw-text)", "font-size": 13, ...attributes });
  node.textContent = words;
  return node;
}

export function svgCanvas(width, height) {
  return svgNode("svg", {
    xmlns: SVG_NAMES, viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "font-family": "inherit",
  });
}

export function shortenedTo(words, pixels, size = 13) {
  const characters = Math.max(3, Math.floor(pixels / (size * 0.53)));
  return words.length <= characters ? words : `${words.slice(0, characters - 1).trimEnd()}…`;
}

// Hatching says "does not change" without colour.
export function hatching() {
  const pattern = svgNode("pattern", { id: "hatch", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    svgNode("rect", { width: 6, height: 6, fill: "var(--bw-over)" }),
    svgNode("line", { x1: 0, y1: 0, x2: 0, y2: 6, stroke: "var(--bw-muted)", "stroke-width": 2.4 }));
  return svgNode("defs", {}, pattern);
}

export function snowflake(x, y, radius) {
  const arms = [0, 60, 120].map((angle) => svgNode("path", {
    d: `M${-radius} 0H${radius}` + [-1, 1].map((way) => `M${way * radius * 0.9} ${-radius * 0.34}L${way * radius * 0.55} 0L${way * radius * 0.9} ${radius * 0.34}`).join(""),
    transform: `rotate(${angle + 30})`, fill: "none", stroke: "var(--bw-text)", "stroke-width": radius > 9 ? 1.8 : 1.2,
  }));
  return svgNode("g", { transform: `translate(${x} ${y})` }, ...arms);
}

// A bar of blocks, each as wide as its parameters; gaps between blocks only where there is room for them.
export function blockBar(sizes, x, y, scale, height, style) {
  const group = svgNode("g");
  let left = x;
  for (const size of sizes) {
    const width = size * scale;
    if (width > 0.15) {
      group.append(svgNode("rect", { x: left, y: y - height / 2, width: Math.max(width - (width > 5 ? 1.4 : 0), 0.4), height, rx: width > 6 ? 2 : 0, ...style }));
    }
    left += width;
  }
  return group;
}

// Which rows stand for which branches: one each, or the first ones and one for all others.
export function rowsOf(n) {
  if (n <= NAMED + 1) return Array.from({ length: n }, (_, i) => [i]);
  return [...Array.from({ length: NAMED }, (_, i) => [i]), Array.from({ length: n - NAMED }, (_, i) => NAMED + i)];
}

export function rowName(data, row, many = data.words.more) {
  return row.length > 1 ? many.replace("{}", row.length) : data.names[row[0]];
}

export const hue = (place) => `var(--bw-task-${place % 5})`;
export const total = (sizes) => sizes.reduce((sum, each) => sum + each, 0);

export function wrapped(text, characters) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines[lines.length - 1];
    if (last && last.length + word.length >= characters) lines.push(word);
    else lines[lines.length - 1] = last ? `${last} ${word}` : word;
  }
  return lines;
}
