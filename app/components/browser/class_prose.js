// Prose beside figures that a class follows: on the presenter's page it stands already, followers get it here.

import { entryPoint, part } from "./runtime/component.js";

/**
 * @param {import("./runtime/component.js").Component<{ html: string, editable?: boolean }>} component
 * @param {HTMLElement} root
 */
function render({ data }, root) {
  // HTML of our own lessons, in which Python's own functions escape every name.
  part(root, ".prose").innerHTML = data.editable === false ? data.html : "";
}

export default entryPoint({ name: "class_prose", render });
