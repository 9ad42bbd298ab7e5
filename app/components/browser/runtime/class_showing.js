// Shows this page to a class: sends what stands on it when it changes, and where a hand has moved something while it does.

import { onPage } from "./component.js";

const TICK = 100; // milliseconds: ten times a second look like a drag
const REST = 300; // milliseconds that a page stands still before it is shown; its parts come one by one
const LONGEST = 3_000; // milliseconds after which a page is shown though the server still runs it
const AGAIN = 2_000; // milliseconds before the next try where the server does not answer
const LARGE = 2_000; // letters of a value that is sent once and then named
const MOST = 12; // figures, as the server takes
const KEPT = 60;
const TAB = "branchwise-class-window"; // in the window's own store while it loads another page
const MAIN = "[data-testid=stMain]";
const IDLE = "[data-testid=stApp][data-test-script-state=notRunning]";

/**
 * @typedef {object} Seen
 * @property {unknown[]} signs What tells one state of the page from another, each compared by identity.
 * @property {import("./component.js").OnPage[]} figures
 */

/** What a window of the presenter's is for the class: not known yet, shown, another one is shown, or none is. */
/** @typedef {"asking" | "this" | "other" | "none"} Part */

/** A window's view of what the class sees. Of several windows one is shown; the others ask before they take its place. */
export class Showing {
  #tab = named();
  /** @type {Part} */
  #part = "asking";
  #take = false;
  #on = false;
  /** @type {Map<string, string>} */
  #addresses = new Map();
  /** @type {Seen} */
  #seen = { signs: [], figures: [] };
  #since = 0;
  #frame = "";
  #states = "";
  #pending = true;
  #busy = false;
  /** @type {boolean | undefined} */
  #paused;
  #notBefore = 0;
  /** @type {() => void} */
  #news;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /** @param {() => void} news Called when another window is shown instead of this one. */
  constructor(news) {
    this.#news = news;
    addEventListener("pagehide", () => {
      keep(this.#tab);
      navigator.sendBeacon("/class/leave", JSON.stringify({ tab: this.#tab }));
    });
    addEventListener("pageshow", ({ persisted }) => { if (persisted) keep(""); });
  }

  get part() {
    return this.#part;
  }

  begin() {
    [this.#on, this.#pending] = [true, true];
    this.#tell(false);
    this.#timer ??= setInterval(() => void this.#look(), TICK);
  }

  end() {
    this.#on = false;
    this.#tell(true);
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Show this window to the class from now on. */
  take() {
    [this.#part, this.#take, this.#frame, this.#pending, this.#paused] = ["this", true, "", true, undefined];
  }

  /** Ask who is here, and whether this window is the one that is shown. Returns null where the server does not answer. */
  async ask() {
    const answer = await fetch(`/class/here?tab=${this.#tab}`);
    if (!answer.ok) return null;
    const { members, here, shown } = await answer.json();
    if (this.#take) return { members, here };
    const mine = this.#part === "asking" || this.#part === "this";
    // The server was started anew, or has not been shown anything yet.
    if (shown === "none" && mine) [this.#frame, this.#pending, this.#paused] = ["", true, undefined];
    this.#part = shown === "other" ? "other" : mine ? "this" : "none";
    this.#tell(!this.#on);
    return { members, here };
  }

  /**
   * Tell the class whether it sees this page; as often as the bar is drawn, and said when it changes.
   * @param {boolean} paused
   */
  #tell(paused) {
    if (this.#part !== "this" || this.#paused === paused) return;
    this.#paused = paused;
    post("/class/pause", JSON.stringify({ paused, tab: this.#tab })).catch(() => { this.#paused = undefined; });
  }

  async #look() {
    const now = performance.now();
    if (this.#part !== "this" || this.#busy || now < this.#notBefore || document.visibilityState !== "visible") return;
    const seen = look();
    if (!seen) return;
    if (!same(seen.signs, this.#seen.signs)) {
      this.#seen = seen;
      this.#since = now;
      this.#pending = true;
    }
    if (this.#pending && now - this.#since < (document.querySelector(IDLE) ? REST : LONGEST)) return;
    this.#busy = true;
    try {
      await this.#send();
    } catch {
      this.#notBefore = performance.now() + AGAIN;
    }
    this.#busy = false;
  }

  async #send() {
    const states = this.#seen.figures.map(({ follow, state }) =>
      Object.fromEntries(follow.filter((name) => state[name] !== undefined).map((name) => [name, state[name]])));
    const moved = JSON.stringify(states);
    const frame = this.#pending ? await this.#frameOf(this.#seen) : null;
    const written = frame ? JSON.stringify(frame) : this.#frame;
    if (written === this.#frame && moved === this.#states) {
      this.#pending = false;
      return;
    }
    if (!this.#on) return; // paused while fields were sent
    const isNew = written !== this.#frame;
    const answer = await post("/class/show", JSON.stringify({
      tab: this.#tab, states, ...(isNew ? { frame } : {}), ...(this.#take ? { take: true } : {}),
    }));
    if (answer.ok) {
      [this.#frame, this.#states, this.#pending, this.#take] = [written, moved, false, false];
      return;
    }
    this.#notBefore = performance.now() + AGAIN / 4;
    const { missing = [], again = false, other = false } = await answer.json();
    if (other) {
      this.#part = "other";
      this.#news();
      return;
    }
    for (const [value, address] of this.#addresses) if (missing.includes(address)) this.#addresses.delete(value);
    if (again || missing.length) [this.#frame, this.#pending] = ["", true];
  }

  /** @param {Seen} seen */
  async #frameOf({ signs, figures }) {
    const [page, title, caption] = /** @type {string[]} */ (signs);
    return {
      page, title, caption,
      figures: await Promise.all(figures.map(async ({ name, state }) => {
        /** @type {Record<string, unknown>} */
        const data = {};
        /** @type {Record<string, string>} */
        const fields = {};
        for (const [field, value] of Object.entries(state.component.data)) {
          const written = JSON.stringify(value) ?? "null";
          if (written.length <= LARGE) data[field] = value;
          else fields[field] = await this.#addressOf(written);
        }
        return { name, data, fields };
      })),
    };
  }

  /** @param {string} value JSON. */
  async #addressOf(value) {
    let address = this.#addresses.get(value);
    if (address === undefined) {
      const answer = await post("/class/data", value);
      if (!answer.ok) throw new Error(`${answer.status}`);
      ({ address } = await answer.json());
    }
    // The last ones used are kept.
    this.#addresses.delete(value);
    this.#addresses.set(value, /** @type {string} */ (address));
    if (this.#addresses.size > KEPT) this.#addresses.delete(/** @type {string} */ (this.#addresses.keys().next().value));
    return /** @type {string} */ (address);
  }
}

/** Return the name of this window: as before where it loads another page, and a new one in a copy of it. */
function named() {
  const found = keep("");
  return found || Array.from(crypto.getRandomValues(new Uint8Array(10)), (byte) => byte.toString(36).padStart(2, "0")).join("");
}

/**
 * Keep the name of this window while it loads another page; return what was kept.
 * @param {string} name
 */
function keep(name) {
  try {
    const before = sessionStorage.getItem(TAB) ?? "";
    sessionStorage.setItem(TAB, name);
    return before;
  } catch {
    return ""; // A browser that stores nothing: each page is a window of its own.
  }
}

/**
 * Return what stands on the page; null while there is no page.
 * @returns {Seen | null}
 */
function look() {
  const main = document.querySelector(MAIN);
  const heading = main?.querySelector("h1");
  if (!main || !heading) return null;
  const figures = [...onPage()]
    .filter(({ root }) => root.isConnected && root.clientWidth > 0)
    .map((figure) => ({ figure, top: figure.root.getBoundingClientRect() }))
    .sort((a, b) => a.top.top - b.top.top || a.top.left - b.top.left)
    .slice(0, MOST)
    .map(({ figure }) => figure);
  // The question that the page answers stands right below its title; other captions belong to figures.
  const below = heading.closest("[data-testid=stElementContainer]")?.nextElementSibling;
  const isElement = below?.matches("[data-testid=stElementContainer]");
  const caption = (isElement && below?.querySelector("[data-testid=stCaptionContainer]")?.textContent) || "";
  const said = [location.pathname + location.search, heading.innerText.trim().slice(0, 200), caption.trim().slice(0, 2000)];
  return { signs: [...said, ...figures.flatMap(({ name, state }) => [name, state.component.data])], figures };
}

/**
 * @param {unknown[]} some
 * @param {unknown[]} others
 */
function same(some, others) {
  return some.length === others.length && some.every((each, i) => each === others[i]);
}

/**
 * @param {string} address
 * @param {string} body
 */
function post(address, body) {
  return fetch(address, { method: "POST", headers: { "content-type": "application/json" }, body });
}
