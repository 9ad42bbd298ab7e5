// The budget line follows the pointer here, in the browser; Python hears of it on release only.
// Python draws (plane, trees, bars as SVG); this file chooses which drawing shows and greys what is over budget.

const states = new WeakMap();
const EPS = 1e-9; // a budget is inclusive within this relative error, as in the search

export default function (component) {
  const { parentElement, data } = component;
  const root = parentElement.querySelector(".bw");
  if (!root || !data) return;
  // Kept by the root, not by its parent: when the HTML is made anew, nothing is drawn in it yet.
  const state = states.get(root) || { dragging: false };
  states.set(root, state);
  paintNames(root);
  state.latest = component;
  unpacked(data.packed, state).then(() => { if (state.latest === component) render(component, root, state); });
}

// The front with its drawings; decompressed once, however often the page runs again.
async function unpacked(packed, state) {
  if (state.packed === packed) return;
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  state.entries = JSON.parse(await new Response(stream).text());
  state.packed = packed;
}

function render(component, root, state) {
  const { data, setStateValue, setTriggerValue } = component;
  const find = (selector) => root.querySelector(selector);
  if (!state.dragging) {
    state.budget = data.budget;
    state.picked = data.picked;
  }
  const { scale } = data;
  const { entries } = state;
  if (state.plane !== data.plane) {
    find(".drawing").innerHTML = data.plane;
    state.plane = data.plane;
  }
  const svg = find(".drawing svg");
  const dots = [...svg.querySelectorAll("[data-cost]")].map((node) => [node, Number(node.dataset.cost)]);
  const fronts = [...svg.querySelectorAll(".front")];
  const over = svg.querySelector(".over");
  const grip = find(".grip");
  const xOf = (cost) => scale.x0 + ((cost - scale.low) / (scale.high - scale.low)) * (scale.x1 - scale.x0);
  const bestAt = (budget) => {
    let best = -1;
    entries.forEach((entry, i) => { if (entry.cost <= budget * (1 + EPS)) best = i; });
    return best;
  };

  fronts.forEach((dot, i) => {
    const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
    title.textContent = `${entries[i].title}: ${entries[i].delta} at ${entries[i].share}`;
    dot.replaceChildren(title);
  });
  grip.setAttribute("aria-valuemin", Math.round(scale.low * 100));
  grip.setAttribute("aria-valuemax", Math.round(scale.high * 100));

  const draw = () => {
    const x = Math.min(scale.x1, Math.max(scale.x0, xOf(state.budget)));
    const left = (x / scale.width) * 100;
    Object.assign(find(".line").style, {
      left: `${left}%`, top: `${(scale.top / scale.height) * 100}%`,
      height: `${((scale.bottom - scale.top) / scale.height) * 100}%`,
    });
    Object.assign(grip.style, { left: `${left}%`, top: `${((scale.bottom - 12) / scale.height) * 100}%` });
    grip.textContent = `◂ ${Math.round(state.budget * 100)} % ▸`;
    over.setAttribute("x", x);
    over.setAttribute("width", Math.max(0, scale.x1 - x));
    for (const [node, cost] of dots) node.classList.toggle("dim", cost > state.budget * (1 + EPS));
    const best = bestAt(state.budget);
    fronts.forEach((dot, i) => dot.classList.toggle("best", !state.picked && i === best));
    grip.setAttribute("aria-valuenow", Math.round(state.budget * 100));
    grip.setAttribute("aria-valuetext",
      `${Math.round(state.budget * 100)} percent: ${best < 0 ? "nothing fits" : entries[best].title}`);
    show(best);
  };

  const show = (best) => {
    const entry = state.picked || entries[best];
    find(".follow").hidden = !state.picked;
    find(".kind").textContent = state.picked ? data.words.picked
      : `${data.words.best} ${Math.round(state.budget * 100)} %`;
    const content = entry ? entry.code : "none";
    if (state.shown !== content + data.stamp) {
      state.shown = content + data.stamp;
      find(".title").textContent = entry ? entry.title : data.words.nothing;
      find(".tree").innerHTML = entry ? entry.tree : "";
      find(".bars").innerHTML = entry ? entry.bars : "";
      closeMenu();
      if (entry) listenToBlocks(entry);
    }
    showFigures(entry, best);
  };

  const showFigures = (entry, best) => {
    const cards = entry
      ? [[data.words.delta, entry.delta, entry.interval], [data.words.cost, entry.share, entry.amount],
         [data.words.sure, entry.sure, entry.sureNote], moreBudget(best)]
      : [[data.words.cost, "–", data.words.nothing]];
    find(".kpis").replaceChildren(...cards.map(([label, value, note]) => {
      const card = element("div", "card kpi");
      card.append(element("div", "label", label), element("div", "value", value), element("div", "note", note));
      return card;
    }));
  };

  const moreBudget = (best) => {
    const more = bestAt(state.budget + 0.1);
    const gain = more < 0 ? 0 : entries[more].score - (best < 0 ? 0 : entries[best].score);
    const words = more === best ? data.words.nothingMore : `${data.words.moreAt} ${entries[more].share}`;
    return [data.words.more, more === best || best < 0 ? "±0.0 %" : `+${gain.toFixed(1)} %`, words];
  };

  // The budget line ------------------------------------------------------------------------
  const budgetAt = (event) => {
    const box = svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * scale.width;
    const raw = scale.low + ((x - scale.x0) / (scale.x1 - scale.x0)) * (scale.high - scale.low);
    return Math.round(Math.min(scale.high, Math.max(Math.max(scale.low, 0.01), raw)) * 100) / 100;
  };
  const release = () => {
    state.dragging = false;
    setStateValue("budget", state.budget);
  };
  const start = (event) => {
    if (event.button) return;
    event.preventDefault();
    grip.focus({ preventScroll: true });
    const target = event.currentTarget;
    target.setPointerCapture(event.pointerId);
    state.dragging = true;
    const move = (e) => { state.budget = budgetAt(e); state.picked = null; draw(); };
    move(event);
    target.onpointermove = move;
    target.onpointerup = target.onpointercancel = () => {
      target.onpointermove = target.onpointerup = target.onpointercancel = null;
      release();
    };
  };
  svg.onpointerdown = (event) => {
    const dot = event.target.closest(".front, .cloud");
    if (!dot) return start(event);
    setTriggerValue("picked", { kind: dot.classList.contains("front") ? "front" : "cloud", index: Number(dot.dataset.i) });
  };
  grip.onpointerdown = start;
  grip.onkeydown = (event) => {
    const steps = { ArrowLeft: -0.01, ArrowRight: 0.01, ArrowDown: -0.01, ArrowUp: 0.01, PageDown: -0.1, PageUp: 0.1 };
    let next = null;
    if (event.key in steps) next = state.budget + steps[event.key];
    if (event.key === "Home") next = entries.length ? Math.ceil(entries[0].cost * 100) / 100 : scale.low;
    if (event.key === "End") next = 1;
    if (next === null) return;
    event.preventDefault();
    state.budget = Math.round(Math.min(Math.max(next, 0.01), Math.max(1, scale.high)) * 100) / 100;
    state.picked = null;
    state.dragging = true; // a rerun on its way must not set the line back
    draw();
    clearTimeout(state.timer);
    state.timer = setTimeout(release, 350); // one rerun when the keys rest
  };
  find(".follow").onclick = () => setTriggerValue("follow", true);

  // Cutting and joining blocks by hand -----------------------------------------------------
  const closeMenu = () => { find(".menu").hidden = true; };
  const listenToBlocks = (entry) => {
    for (const block of root.querySelectorAll(".tree .block")) {
      block.onclick = () => openMenu(entry, block);
      block.onkeydown = (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        openMenu(entry, block);
        find(".menu button")?.focus();
      };
    }
  };
  const openMenu = (entry, node) => {
    const block = Number(node.dataset.block);
    const group = node.dataset.group.split(",").map(Number);
    const others = [...root.querySelectorAll(`.tree .block[data-block="${block}"]`)]
      .filter((other) => other !== node).map((other) => other.dataset.group.split(",").map(Number));
    root.querySelectorAll(".tree .chosen").forEach((other) => other.classList.remove("chosen"));
    node.classList.add("chosen");
    const menu = find(".menu");
    const names = (tasks) => tasks.map((task) => data.tasks[task]).join(", ");
    const send = (edit) => setTriggerValue("edit", { ...edit, block, layout: entry.code });
    const parts = [element("p", "", `Block ${block + 1} · ${names(group)}`)];
    if (group.length > 1) parts.push(cutRow(group, send));
    if (others.length) {
      const row = element("div", "row");
      row.append(element("span", "", data.words.join));
      for (const other of others) {
        row.append(button("act", names(other), () => send({ op: "merge", tasks: group, other })));
      }
      parts.push(row);
    }
    const close = button("link", data.words.close, () => { closeMenu(); node.classList.remove("chosen"); node.focus(); });
    menu.replaceChildren(...parts, close);
    menu.onkeydown = (event) => { if (event.key === "Escape") close.onclick(); };
    menu.hidden = false;
  };
  const cutRow = (group, send) => {
    const row = element("div", "row");
    row.append(element("span", "", data.words.cut));
    const leaving = new Set();
    const go = button("act", data.words.cutGo, () => send({ op: "cut", tasks: [...leaving] }));
    go.disabled = true;
    for (const task of group) {
      const chip = button("chip", data.tasks[task], () => {
        leaving.has(task) ? leaving.delete(task) : leaving.add(task);
        chip.setAttribute("aria-pressed", leaving.has(task));
        go.disabled = leaving.size === 0 || leaving.size === group.length;
      });
      chip.setAttribute("aria-pressed", false);
      row.append(chip);
    }
    row.append(go);
    return row;
  };

  // Pictures -------------------------------------------------------------------------------
  const picture = () => {
    const copy = resolved(svg);
    const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
    const x = xOf(state.budget);
    const ink = getComputedStyle(root).getPropertyValue("--bw-text");
    for (const [k, v] of Object.entries({ x1: x, x2: x, y1: scale.top, y2: scale.bottom, stroke: ink, "stroke-width": 2 })) {
      line.setAttribute(k, v);
    }
    copy.append(line);
    copy.setAttribute("width", scale.width);
    copy.setAttribute("height", scale.height);
    return new XMLSerializer().serializeToString(copy);
  };
  find(".save-svg").onclick = () => save(new Blob([picture()], { type: "image/svg+xml" }), `${data.filename}.svg`);
  find(".save-png").onclick = () => {
    const ground = getComputedStyle(root).getPropertyValue("--bw-card");
    savePng(picture(), scale.width * 2, scale.height * 2, ground, `${data.filename}.png`);
  };

  find(".caption .grow").textContent = data.caption;
  draw();
}

function button(className, words, onclick) {
  const node = element("button", className, words);
  node.type = "button";
  node.onclick = onclick;
  return node;
}
