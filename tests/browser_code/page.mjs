// As much of a page as a component of ours needs: elements that are found, moved, pressed and focused.

import { FakeNode } from "./dom.mjs";

const VOID = new Set(["input"]);

class FakeElement extends FakeNode {
  constructor(name) {
    super(name);
    this.dataset = {};
    this.listeners = {};
    this.parent = null;
    this.own = "";
    this.style = { setProperty: (key, value) => { this.style[key] = value; } };
    this.classList = {
      toggle: (word, on) => { this.className = [...this.classes.filter((each) => each !== word), ...(on ? [word] : [])].join(" "); },
    };
  }

  get classes() { return this.className.split(" ").filter(Boolean); }

  get childElementCount() { return this.children.length; }

  get lastElementChild() { return this.children.at(-1); }

  get textContent() { return this.own + this.children.map((each) => each.textContent).join(""); }

  set textContent(words) { this.own = words; this.children = []; }

  get isConnected() { return this === page || Boolean(this.parent?.isConnected); }

  append(...nodes) { for (const node of nodes) this.insertBefore(node, null); }

  insertBefore(node, before) {
    if (typeof node === "string") { this.own += node; return; }
    // As in a browser: what moves, or what moves around it, loses the focus.
    if (node.parent && [...node.all()].includes(page.activeElement)) page.activeElement = page;
    node.remove();
    node.parent = this;
    this.children.splice(before ? this.children.indexOf(before) : this.children.length, 0, node);
  }

  remove() {
    if (this.parent) this.parent.children = this.parent.children.filter((each) => each !== this);
    this.parent = null;
  }

  replaceChildren(...nodes) {
    this.children.forEach((each) => { each.parent = null; });
    this.textContent = "";
    this.append(...nodes);
  }

  querySelector(selector) {
    return selector.split(" ").reduce((node, step) => node && [...node.all()].find((each) => each !== node && each.fits(step)), this) ?? null;
  }

  fits(step) {
    if (step === ":focus-visible") return page.activeElement === this;
    return step.startsWith(".") ? this.classes.includes(step.slice(1)) : this.name === step;
  }

  addEventListener(kind, listener) { this.listeners[kind] = listener; }

  getRootNode() { return page; }

  focus() { page.activeElement = this; }
}

/** The page: the root of what is connected, and what has the focus. */
export const page = new FakeElement("page");
page.activeElement = page;
globalThis.document.createElement = (name) => name === "canvas" ? { getContext: () => null } : new FakeElement(name);
globalThis.getComputedStyle = () => ({ getPropertyValue: () => "" });
globalThis.getSelection = () => "";

/** Put markup of ours into the page and return the element around it: tags, classes and nothing else. */
export function opened(html) {
  const around = new FakeElement("div");
  let place = around;
  for (const [, end, name, attributes] of html.matchAll(/<(\/?)(\w+)([^>]*)>/g)) {
    if (end) { place = place.parent; continue; }
    const node = new FakeElement(name);
    node.className = /class="([^"]*)"/.exec(attributes)?.[1] ?? "";
    place.append(node);
    if (!VOID.has(name)) place = node;
  }
  page.replaceChildren(around);
  return around;
}
