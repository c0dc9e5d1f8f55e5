"use strict";
// The page works without this script, but for sorting, filters and the pages of
// samples. Elements are made by their names and filled with text, never by HTML.
(() => {
  const $ = (id) => document.getElementById(id);
  const make = (tag, className, ...children) => {
    const e = document.createElement(tag);
    if (className) e.className = className;
    e.append(...children);
    return e;
  };

  // ---- light and dark
  const root = document.documentElement, theme = $("theme");
  const dark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const label = () => { theme.textContent = dark() ? "Light" : "Dark"; };
  try { root.dataset.theme = localStorage.getItem("assay-theme") || ""; } catch { /* no storage: the system's scheme */ }
  theme.hidden = false;
  theme.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    try { localStorage.setItem("assay-theme", root.dataset.theme); } catch { /* for this time only */ }
    label();
  });
  label();

  // ---- tables
  const value = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.v === undefined ? cell.textContent : Number(cell.dataset.v);
  };
  const compare = (a, b) => (typeof a === "number" ? a - b : a.localeCompare(b, "en"));

  function sortable(table) {
    const body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = make("button", "", head.textContent);
      button.type = "button";
      button.addEventListener("click", () => {
        const down = head.ariaSort === "ascending";
        heads.forEach((h) => { h.ariaSort = null; });
        head.ariaSort = down ? "descending" : "ascending";
        const rows = [...body.rows].sort((a, b) => compare(value(a, column), value(b, column)) * (down ? -1 : 1));
        body.append(...rows);
      });
      head.replaceChildren(button);
    });
  }

  function filtered(form, table) {
    const [word, text, out] = [form.querySelector("select"), form.querySelector("input"), form.querySelector("output")];
    const rows = [...table.tBodies[0].rows].map((row) => ({ row, text: row.textContent.toLowerCase() }));
    const apply = () => {
      const wanted = text.value.trim().toLowerCase();
      let shown = 0;
      for (const r of rows) {
        const fits = (!word.value || r.row.dataset.word === word.value) && r.text.includes(wanted);
        r.row.hidden = !fits;
        shown += fits;
      }
      out.textContent = `${shown} of ${rows.length}`;
    };
    form.hidden = false;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", apply);
    apply();
  }

  for (const form of document.querySelectorAll(".filter")) {
    const table = form.nextElementSibling.querySelector("table");
    sortable(table);
    filtered(form, table);
  }

  // ---- pages of samples and traces
  const books = {};
  const book = (id) => books[id] ??= (async () => {
    const packed = atob(JSON.parse($("pages-" + id).textContent));
    const bytes = Uint8Array.from(packed, (c) => c.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
  })();

  const classes = ["", "k", "f", "b", "s", "d", "c", "del", "ins"]; // those of text.go
  function* stretches(part) {
    let at = 0;
    for (let i = 0; i < (part.r || []).length; i += 2) {
      yield [classes[part.r[i]], part.t.slice(at, at += part.r[i + 1])];
    }
    yield ["", part.t.slice(at)];
  }
  const stretch = (name, text) =>
    !name ? text : name === "del" || name === "ins" ? make(name, "", text) : make("span", name, text);

  function code(part) {
    const lines = [make("li")], pointed = new Set(part.l);
    for (const [name, text] of stretches(part)) {
      text.split("\n").forEach((s, i) => {
        if (i > 0) lines.push(make("li"));
        if (s) lines.at(-1).append(stretch(name, s));
      });
    }
    if (lines.length > 1 && !lines.at(-1).hasChildNodes()) lines.pop();
    lines.forEach((line, i) => { if (pointed.has(i + 1)) line.className = "point"; });
    return make("ol", "code", ...lines);
  }

  function shown(part) {
    const body = part.n ? code(part) : make("pre", "", ...[...stretches(part)].map(([name, text]) => stretch(name, text)));
    if (part.f) return make("details", "", make("summary", "", part.h), body);
    const block = make("div", part.s ? "step" : "", make("h3", "", part.h), body);
    return part.b ? make("div", "beside", block, shown(part.b)) : block;
  }

  // neighbours are the links before and after this one, in the table as it is
  // sorted and filtered.
  function neighbours(hash) {
    const links = [...document.querySelectorAll("table.rows tbody tr:not([hidden]) td:first-child a")].filter((a) => a.hash.split(".")[0] === hash.split(".")[0]);
    const at = links.findIndex((a) => a.hash === hash);
    return { previous: links[at - 1]?.hash, next: at < 0 ? undefined : links[at + 1]?.hash };
  }

  const page = $("page");
  let keys = {};
  async function showPage(id, index) {
    const hash = `#${id}.${index}`;
    const pages = await book(id);
    if (location.hash !== hash) return; // asked for another one meanwhile
    const p = pages[index];
    const { previous, next } = neighbours(hash);
    keys = { ArrowLeft: previous, k: previous, ArrowRight: next, j: next, Escape: "#" + id };
    const link = (text, to) => { const a = make("a", "", text); a.href = to; return a; };
    const steps = make("nav", "steps", link("↑ all", "#" + id), ...(previous ? [link("← previous", previous)] : []), ...(next ? [link("next →", next)] : []));
    steps.ariaLabel = "Pages";
    if (!p) {
      page.replaceChildren(steps, make("p", "note", "There is no such page, or the report had no room for it."));
    } else {
      const facts = p.facts.map(([name, text]) => make("div", "", make("dt", "", name), make("dd", "", text)));
      page.replaceChildren(steps, make("h2", "", `${p.title}: ${p.verdict}`), make("dl", "facts", ...facts), ...p.parts.map(shown));
    }
    page.hidden = false;
    page.focus();
    scrollTo(0, 0);
  }

  // ---- what is shown: one section at a time, or a page
  const sections = [...document.querySelectorAll("section.folder")];
  let last = "";
  async function route() {
    const asked = /^#([ef]\d+)\.(\d+)$/.exec(location.hash);
    const current = asked ? asked[1] : (sections.find((s) => "#" + s.id === location.hash) || sections[0]).id;
    for (const s of sections) s.hidden = Boolean(asked) || s.id !== current;
    for (const a of document.querySelectorAll("header nav a")) {
      if (a.hash === "#" + current) a.setAttribute("aria-current", "page");
      else a.removeAttribute("aria-current");
    }
    page.hidden = true;
    keys = {};
    if (asked) {
      last = location.hash;
      if (!$("pages-" + asked[1])) return;
      await showPage(asked[1], Number(asked[2]));
    } else {
      const back = last && document.querySelector(`section:not([hidden]) a[href="${last}"]`);
      if (back) {
        back.scrollIntoView({ block: "center" });
        back.focus({ preventScroll: true });
      } else {
        scrollTo(0, 0);
      }
      last = "";
    }
  }
  addEventListener("hashchange", route);
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select")) return;
    const to = keys[event.key];
    if (to) location.hash = to;
  });
  route();
})();
