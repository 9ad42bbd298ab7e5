// As much of a document as our drawings need: nodes with attributes, children and text.

export class FakeNode {
  constructor(name) {
    this.name = name;
    this.attributes = {};
    this.children = [];
    this.textContent = "";
    this.className = "";
  }

  setAttribute(key, value) { this.attributes[key] = String(value); }

  append(...nodes) { this.children.push(...nodes); }

  prepend(...nodes) { this.children.unshift(...nodes); }

  *all() {
    yield this;
    for (const child of this.children) if (child instanceof FakeNode) yield* child.all();
  }
}

globalThis.document = { createElementNS: (_, name) => new FakeNode(name), createElement: (name) => new FakeNode(name) };

export const named = (drawing, name) => [...drawing.all()].filter((node) => node.name === name);
export const classed = (drawing, name) => [...drawing.all()].filter((node) => node.attributes.class === name);
export const number = (node, attribute) => Number(node.attributes[attribute]);

/** A seeded generator of numbers in [0, 1), so that a failure can be repeated. */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A random tree: each block refines the one before. */
export function randomLayout(next, nTasks, nBlocks) {
  let groups = [[...Array(nTasks).keys()]];
  return Array.from({ length: nBlocks }, () => {
    groups = groups.flatMap((group) => {
      if (group.length < 2 || next() < 0.6) return [group];
      const leaves = group.map(() => next() < 0.5);
      const parts = [group.filter((_, i) => leaves[i]), group.filter((_, i) => !leaves[i])];
      return parts.filter((part) => part.length);
    }).sort((a, b) => a[0] - b[0]);
    return groups;
  });
}
