// Pictures as files: always in the colours of the light theme, on white, in a font that is there everywhere.

import { FILE_FONT, inLight, LIGHT } from "./theme.js";
import { isPresenting } from "./presenting.js";
import { svgNode } from "./svg.js";
import { ownTextSize } from "./text_size.js";

const SHARPEST = 2400; // pixels of a PNG's width at least: sharp on a slide and in print

/**
 * Return a copy of a drawing with every colour and font written out: an SVG file knows no theme.
 * @param {any} svg A drawing that stands on the page.
 */
export function resolved(svg) {
  const copy = svg.cloneNode(true);
  const originals = [svg, ...svg.querySelectorAll("*")];
  inLight(svg.closest(".bw"), () => [copy, ...copy.querySelectorAll("*")].forEach((node, i) => {
    const style = getComputedStyle(originals[i]);
    for (const name of ["fill", "stroke", "opacity"]) node.setAttribute(name, style.getPropertyValue(name));
    node.removeAttribute("font-family");
  }));
  copy.setAttribute("font-family", FILE_FONT);
  ownTextSize(copy);
  return copy;
}

/**
 * @typedef {{ text: string, width: number, height: number }} Picture A drawing as a text that stands alone.
 */

/**
 * Return a drawing of the page as a picture of its own.
 * @param {any} svg
 * @returns {Picture}
 */
export function pictureOf(svg) {
  const copy = resolved(svg);
  const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  return written(copy, width, height);
}

/**
 * Return a drawing that needs no page any more as a picture.
 * @param {any} svg
 * @param {number} width
 * @param {number} height
 * @returns {Picture}
 */
export function written(svg, width, height) {
  svg.setAttribute("width", width);
  svg.setAttribute("height", height);
  svg.setAttribute("font-family", FILE_FONT);
  const [x, y] = (svg.getAttribute("viewBox") ?? "0 0").split(" ").map(Number);
  svg.prepend(svgNode("rect", { x, y, width, height, fill: LIGHT.card }));
  return { text: new XMLSerializer().serializeToString(svg), width, height };
}

/**
 * Let the buttons `.save-svg` and `.save-png` of a root save a picture.
 * @param {any} root
 * @param {() => Picture} picture
 * @param {() => string} filename Without ending.
 * @param {number} [times] Pixels of the PNG for each unit of the drawing, at least.
 */
export function offerPictures(root, picture, filename, times = 2) {
  for (const each of root.querySelectorAll(".save-svg, .save-png, .files")) each.hidden = isPresenting();
  root.querySelector(".save-svg").onclick = () => saveSvg(picture().text, filename());
  root.querySelector(".save-png").onclick = () => {
    const { text, width, height } = picture();
    const scale = Math.max(times, SHARPEST / width);
    savePng(text, Math.round(width * scale), Math.round(height * scale), `${filename()}.png`);
  };
}

/**
 * @param {string} text
 * @param {string} filename Without ending.
 */
export function saveSvg(text, filename) {
  saveText(text, "image/svg+xml", `${filename}.svg`);
}

/**
 * @param {string} text
 * @param {string} type Of its content, as in a header of HTTP.
 * @param {string} filename
 */
export function saveText(text, type, filename) {
  save(new Blob([text], { type }), filename);
}

/**
 * @param {Blob | null} blob
 * @param {string} filename
 */
function save(blob, filename) {
  if (!blob) return;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = filename;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/**
 * @param {string} svg
 * @param {number} width
 * @param {number} height
 * @param {string} filename
 */
function savePng(svg, width, height, filename) {
  const image = new Image();
  image.onload = () => {
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    pen.drawImage(image, 0, 0, width, height);
    canvas.toBlob((blob) => save(blob, filename));
  };
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
}
