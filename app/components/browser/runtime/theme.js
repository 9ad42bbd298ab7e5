// Colour names of our drawings, filled from the Streamlit theme that is on.

/**
 * Set the custom properties `--bw-…` on a root from the theme around it.
 * @param {HTMLElement} root
 */
export function paintNames(root) {
  const style = getComputedStyle(root);
  const theme = (/** @type {string} */ name) => style.getPropertyValue(`--st-${name}`).trim();
  const dark = luminance(rgb(theme("background-color") || "#fff")) < 0.4;
  /** @type {Record<string, string>} */
  const names = {
    text: theme("text-color"), primary: theme("primary-color"), link: theme("link-color") || theme("primary-color"),
    card: theme("secondary-background-color"), line: theme("border-color"),
    muted: dark ? "#9BA8A6" : "#5B676B", shared: dark ? "#75827F" : "#7E8A8C",
    over: dark ? "#242C2F" : "#F1EFE8", dominated: dark ? "#6C7876" : "#A9B0AE",
  };
  const steps = theme("chart-sequential-colors").split(",");
  [names.low, names.high] = [steps[0], steps[steps.length - 1]].map((colour) => colour.trim());
  for (const [name, value] of Object.entries(names)) root.style.setProperty(`--bw-${name}`, value);
  theme("chart-categorical-colors").split(",").slice(0, HUES)
    .forEach((colour, i) => root.style.setProperty(`--bw-task-${i}`, colour.trim()));
}

/**
 * Paint a root again whenever the theme around it changes: the page calls a component only after its next run.
 * @param {HTMLElement} root
 */
export function followTheme(root) {
  // Nothing tells of a changed custom property but the transition of a property that is made of it.
  root.style.setProperty("outline-color", "var(--st-background-color)");
  root.style.setProperty("transition", "outline-color 1ms");
  root.addEventListener("transitionend", (event) => {
    if (event.target === root && event.propertyName === "outline-color") paintNames(root);
  });
}

// The light theme in names of ours, for files: what is printed or put on a slide stands on white.
/** @type {Record<string, string>} */
export const LIGHT = {
  text: "#0F171A", primary: "#0A6755", link: "#0A6755", card: "#FFFFFF", line: "#E3E1DA", muted: "#5B676B",
  shared: "#7E8A8C", over: "#F1EFE8", dominated: "#A9B0AE", low: "#F4E9D8", high: "#0B4F6C",
  "task-0": "#B4491A", "task-1": "#2F5FA7", "task-2": "#7A4FA3", "task-3": "#8A6A00", "task-4": "#A33A5B",
};
// Our font first; a reader who lacks it gets one of about the same widths.
export const FILE_FONT = '"Source Sans", "Source Sans 3", "Source Sans Pro", "Helvetica Neue", Arial, sans-serif';

/**
 * Return what a function makes while a root is painted in the light theme; the eye sees nothing of it.
 * @template T
 * @param {any} root
 * @param {() => T} make
 * @returns {T}
 */
export function inLight(root, make) {
  const names = Object.keys(LIGHT).map((name) => `--bw-${name}`);
  const before = names.map((name) => root.style.getPropertyValue(name));
  Object.values(LIGHT).forEach((colour, i) => root.style.setProperty(names[i], colour));
  try {
    return make();
  } finally {
    names.forEach((name, i) => root.style.setProperty(name, before[i]));
  }
}

export const HUES = 5;
// More tasks than hues repeat the hues with a second mark.
const DASHES = ["", "7 4", "2 4", "10 3 2 3", "1 3 6 3", "14 4", "4 8", "8 2 2 2"];

/**
 * Return the colour name of a task.
 * @param {number} task
 */
export function taskColour(task) {
  return `var(--bw-task-${task % HUES})`;
}

/**
 * Return the dash pattern that tells tasks of one hue apart; empty for the first five.
 * @param {number} task
 */
export function taskDash(task) {
  return DASHES[Math.floor(task / HUES) % DASHES.length];
}

/**
 * Return red, green and blue, 0 … 255, of a colour in CSS words.
 * @param {string} words
 * @returns {number[]}
 */
export function rgb(words) {
  const pen = document.createElement("canvas").getContext("2d");
  if (!pen) return [136, 136, 136];
  pen.fillStyle = words.trim() || "#888";
  pen.fillRect(0, 0, 1, 1);
  return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
}

/** @param {number[]} colour */
function luminance([r, g, b]) {
  return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
}
