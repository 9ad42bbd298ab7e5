// Nodes of our drawings. Words always go in as text, so that the name of a task is never read as markup.

const SVG = "http://www.w3.org/2000/svg";

/**
 * Return an SVG node; attributes that are an empty string or undefined are left out.
 * @param {string} name
 * @param {Record<string, string | number | undefined>} [attributes]
 * @param {string} [words] Text of the node.
 * @returns {any} The SVG element.
 */
export function svgNode(name, attributes = {}, words = "") {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== "" && value !== undefined) node.setAttribute(key, String(value));
  }
  if (words) node.textContent = words;
  return node;
}

/**
 * Return words in which no percent sign begins a line.
 * @param {string} words
 */
export function unbroken(words) {
  return words.replaceAll(" %", "\u00a0%");
}

/**
 * Return an HTML node with a class and text.
 * @param {string} name
 * @param {string} [className]
 * @param {string} [words]
 * @returns {any} The HTML element.
 */
export function element(name, className = "", words = "") {
  const node = document.createElement(name);
  node.className = className;
  node.textContent = words;
  return node;
}

/**
 * Return a button of ours.
 * @param {string} className
 * @param {string} words
 * @param {() => void} onclick
 * @returns {HTMLButtonElement}
 */
export function button(className, words, onclick) {
  const node = element("button", className, words);
  node.type = "button";
  node.onclick = onclick;
  return node;
}

/**
 * Return a whole drawing with its spoken description; role `group` where its parts can be used.
 * @param {number} width
 * @param {number} height
 * @param {string} label Empty hides the drawing from screen readers.
 * @param {string} [role]
 * @returns {any}
 */
export function canvas(width, height, label, role = "img") {
  const spoken = label ? { role, "aria-label": label } : { "aria-hidden": "true" };
  return svgNode("svg", { xmlns: SVG, viewBox: `0 0 ${short(width)} ${short(height)}`, "font-family": "inherit", ...spoken });
}

/**
 * Return words that fit, with an ellipsis where they do not.
 * @param {string} words
 * @param {number} characters
 */
export function shortened(words, characters) {
  const letters = [...words];
  return letters.length <= characters ? words : `${letters.slice(0, Math.max(1, characters - 1)).join("").trimEnd()}…`;
}

/**
 * Return a number as it is written into a drawing: one decimal at most.
 * @param {number} value
 */
export function short(value) {
  return String(Math.round(value * 10) / 10);
}

/**
 * Return the `d` of straight lines through points.
 * @param {[number, number][]} points
 */
export function path(points) {
  return `M${points.map(([x, y]) => `${short(x)},${short(y)}`).join("L")}`;
}

/**
 * Return text as lines of about so many characters.
 * @param {string} text
 * @param {number} characters
 */
export function wrapped(text, characters) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines[lines.length - 1];
    if (last && last.length + word.length >= characters) lines.push(word);
    else lines[lines.length - 1] = last ? `${last} ${word}` : word;
  }
  return text ? lines : [];
}
