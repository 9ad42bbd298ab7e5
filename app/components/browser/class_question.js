// A question that a class guesses: options, the class's tally, and what the presenter does with it. A guess goes straight
// to the server's own routes and runs no page again.

import { entryPoint, part } from "./runtime/component.js";
import { isPresenting } from "./runtime/presenting.js";
import { button, element } from "./runtime/svg.js";

const LOOK = 2_000; // milliseconds between two looks at the tally
const GONE = 410; // the server's status once the class has ended
const BARS = ["first", ""]; // of the first round while the second is open, and of the open one

export default entryPoint({ name: "class_question", render, leave: (state) => clearTimeout(state.timer) });

/**
 * @typedef {object} Data
 * @property {string} question Its name.
 * @property {string[]} options As HTML that Python's own functions wrote.
 * @property {number | null} answer Which option is right; null until the answer is shown.
 */

/**
 * @typedef {object} Standing Where a question stands, as the server tells this browser.
 * @property {boolean} presenter
 * @property {number} round
 * @property {boolean} revealed
 * @property {number | null} mine
 * @property {number} guesses
 * @property {number} members
 * @property {boolean} fixed Whether a guess stays, for the tally is seen after it.
 * @property {number[][]} [tallies] Of each round, where this browser may see them.
 */

/**
 * @param {import("./runtime/component.js").Component<Data>} component
 * @param {HTMLElement} root
 * @param {any} state
 */
function render({ data }, root, state) {
  const drawn = JSON.stringify([data.question, data.options]);
  root.classList.toggle("presented", isPresenting());
  if (state.drawn !== drawn) {
    state.drawn = drawn;
    state.standing = null;
    part(root, ".options").replaceChildren(...data.options.map((words, i) => optionOf(words, i, root, state)));
  }
  draw(root, state);
  clearTimeout(state.timer);
  void look(root, state);
}

/**
 * @param {string} words
 * @param {number} i
 * @param {HTMLElement} root
 * @param {any} state
 */
function optionOf(words, i, root, state) {
  const option = button("option", "", () => void act(root, state, "guess", { option: i }));
  const bars = BARS.map((name) => element("span", `bar ${name}`));
  const said = element("span", "words");
  said.innerHTML = words;
  option.replaceChildren(element("span", "letter", letter(i)), said, element("span", "count"), ...bars);
  return option;
}

/**
 * @param {HTMLElement} root
 * @param {any} state
 */
async function look(root, state) {
  const { question } = state.component.data;
  try {
    const answer = await fetch(`/class/question/${encodeURIComponent(question)}`);
    if (question === state.component.data.question) {
      if (answer.ok) take(root, state, await answer.json());
      else if (answer.status === GONE) end(root, state);
    }
  } catch {
    // The server is away; the next look may find it.
  }
  if (!root.isConnected || state.over) return;
  clearTimeout(state.timer);
  state.timer = setTimeout(() => void look(root, state), LOOK);
}

/**
 * @param {HTMLElement} root
 * @param {any} state
 * @param {string} what
 * @param {Record<string, unknown>} more
 */
async function act(root, state, what, more = {}) {
  const { question } = state.component.data;
  try {
    const answer = await fetch(`/class/${what}`, {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ question, ...more }),
    });
    const said = await answer.json();
    state.fault = answer.ok ? "" : said.error;
    if (answer.ok) take(root, state, said);
    else if (answer.status === GONE) end(root, state);
  } catch {
    state.fault = "The server did not answer. Try again.";
  }
  draw(root, state);
}

/**
 * @param {HTMLElement} root
 * @param {any} state
 * @param {Standing} standing
 */
function take(root, state, standing) {
  const news = standing.revealed && !state.standing?.revealed && state.component.data.answer === null;
  state.standing = standing;
  draw(root, state);
  // The page has the explanation: it draws it now.
  if (news) state.component.setTriggerValue("revealed", true);
}

/**
 * @param {HTMLElement} root
 * @param {any} state
 */
function draw(root, state) {
  /** @type {{ data: Data }} */
  const { data } = state.component;
  /** @type {Standing | null} */
  const standing = state.standing;
  const kept = standing?.fixed && standing.mine !== null;
  const closed = state.over || !standing || standing.presenter || standing.revealed || kept;
  const rounds = standing?.tallies ?? [];
  [...part(root, ".options").children].forEach((node, i) => {
    const option = /** @type {HTMLButtonElement} */ (node);
    option.disabled = closed;
    option.setAttribute("aria-pressed", String(standing?.mine === i));
    option.classList.toggle("answer", data.answer === i);
    const counts = rounds.map((tally) => tally[i] ?? 0);
    part(option, ".count").replaceChildren(...(data.answer === i ? [element("span", "mark", "✓ answer"), " "] : []),
      counts.join(" → "));
    parts(counts, rounds).forEach((share, place) => {
      part(option, place ? ".bar:not(.first)" : ".bar.first").style.width = `${100 * share}%`;
    });
    const said = counts.length ? `, guesses: ${counts.join(", then ")}` : "";
    option.setAttribute("aria-label", `${letter(i)}: ${part(option, ".words").textContent}${data.answer === i ? ", the answer" : ""}${said}`);
  });
  part(root, ".said").textContent = state.fault || sentence(standing);
  const buttons = part(root, ".buttons");
  const wanted = !state.over && standing?.presenter && !standing.revealed ? ["reveal", ...(standing.round === 1 ? ["again"] : [])] : [];
  buttons.hidden = wanted.length === 0;
  if (buttons.dataset.shown === wanted.join()) return;
  buttons.dataset.shown = wanted.join();
  buttons.replaceChildren(...wanted.map((what) =>
    button("", what === "reveal" ? "Show the answer" : "Guess again", () => void act(root, state, what))));
}

/**
 * @param {HTMLElement} root
 * @param {any} state
 */
function end(root, state) {
  [state.over, state.fault] = [true, "The class has ended."];
  draw(root, state);
}

/**
 * Return how wide the bars of an option are, of the first round and of the open one: shares of all guesses of a round.
 * @param {number[]} counts Of the option in each round.
 * @param {number[][]} rounds
 */
function parts(counts, rounds) {
  const shares = counts.map((count, i) => count / Math.max(1, rounds[i].reduce((sum, each) => sum + each, 0)));
  return shares.length === 2 ? shares : [0, shares[0] ?? 0];
}

/**
 * Return what is said below the answers.
 * @param {Standing | null} standing
 */
function sentence(standing) {
  if (!standing) return "";
  const { round, guesses, members, revealed, mine, presenter, fixed } = standing;
  const count = `${guesses} of ${members} guessed${round > 1 ? " in the second round" : ""}.`;
  if (revealed) return mine === null ? count : `You guessed ${letter(mine)}. ${count}`;
  if (presenter) return count;
  if (mine === null) return `${round > 1 ? "Guess again after the discussion." : "Guess."} ${count}`;
  return `You guessed ${letter(mine)}${fixed ? "" : "; you may still change it"}. ${count}`;
}

/** @param {number} i */
function letter(i) {
  return String.fromCharCode(65 + i);
}
