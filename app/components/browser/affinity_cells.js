// What one cell shows: its number, its colour and where it stands.

export function at(state, name, depth, i, j) {
  const field = state.fields[name];
  const n = state.component.data.tasks.length;
  return field ? field[(depth * n + i) * n + j] : NaN;
}

export function arrangement(state, depth) {
  const { arrangements } = state.component.data;
  return arrangements[arrangements.length > 1 ? depth : 0];
}

function mixed(state, value) {
  const place = Math.min(1, Math.max(0, value));
  return state.ends[0].map((low, k) => Math.round(low + place * (state.ends[1][k] - low)));
}

export function colour(state, value) {
  return `rgb(${mixed(state, value).join(",")})`;
}

// Dark or light, whichever can be read better.
export function ink(state, value) {
  const part = (v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  const [r, g, b] = mixed(state, value).map(part);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#0F171A" : "#FFFFFF";
}

export function isUncertain(state, depth, i, j) {
  return i !== j && at(state, "order", depth, i, j) < state.component.data.sure;
}

export function number(value, digits = 2) {
  return Number.isNaN(value) ? "–" : value.toFixed(digits).replace("-", "−");
}
