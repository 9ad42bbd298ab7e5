// Colour names of our drawings, filled from the Streamlit theme that is on.
function paintNames(root) {
  const style = getComputedStyle(root);
  const theme = (name) => style.getPropertyValue(`--st-${name}`).trim();
  const dark = luminance(theme("background-color")) < 0.4;
  const names = {
    text: theme("text-color"), primary: theme("primary-color"), link: theme("link-color") || theme("primary-color"),
    card: theme("secondary-background-color"), line: theme("border-color"),
    muted: dark ? "#9BA8A6" : "#5B676B", shared: dark ? "#75827F" : "#7E8A8C",
    over: dark ? "#242C2F" : "#F1EFE8", dominated: dark ? "#6C7876" : "#A9B0AE",
  };
  const steps = theme("chart-sequential-colors").split(",");
  [names.low, names.high] = [steps[0], steps[steps.length - 1]].map((colour) => colour.trim());
  for (const [name, value] of Object.entries(names)) root.style.setProperty(`--bw-${name}`, value);
  theme("chart-categorical-colors").split(",").slice(0, 5)
    .forEach((colour, i) => root.style.setProperty(`--bw-task-${i}`, colour.trim()));
}

function luminance(colour) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.fillStyle = colour || "#fff";
  pen.fillRect(0, 0, 1, 1);
  const [r, g, b] = pen.getImageData(0, 0, 1, 1).data;
  return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
}
