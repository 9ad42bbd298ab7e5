// A lesson in a file without a server: first a guess, which may be changed, then the answer and what follows from it.

import { parts } from "./runtime/component.js";

for (const choice of parts(document, ".choice")) {
  const options = parts(choice, ".option");
  const { answer, group } = choice.dataset;
  const told = parts(choice, ".told")[0];
  /** @type {HTMLElement | null} */
  let guessed = null;
  const guess = (/** @type {HTMLElement} */ option) => {
    guessed = option;
    options.forEach((each) => each.setAttribute("aria-pressed", String(each === option)));
  };
  const open = () => {
    const right = options.find((option) => option.dataset.option === answer);
    for (const option of /** @type {HTMLButtonElement[]} */ (options)) {
      option.disabled = true;
      option.classList.toggle("right", option === right);
      option.classList.toggle("wrong", option === guessed && option !== right);
    }
    parts(choice, ".show").forEach((node) => { node.hidden = true; });
    const words = guessed === null ? "The answer: " : guessed === right ? "Right: " : "Not quite. The answer: ";
    told.textContent = words + (right?.textContent ?? "");
    const hidden = parts(document, `[data-after="${group}"]`);
    hidden.forEach((node) => { node.hidden = false; });
    told.focus();
  };
  for (const option of options) option.onclick = () => guess(option);
  for (const show of parts(choice, ".show")) show.onclick = open;
}
