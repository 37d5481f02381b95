// What needs a script: copying, the dialog of citations, and previews of links.
// Everything is there without it too: a tag's page holds the citations.

(() => {
  document.documentElement.classList.replace("no-js", "js");

  // --- Copying: the lines of a block but for those that it replaced

  const element = (tag, properties, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };

  const codeOf = (holder) => {
    const lines = holder.querySelectorAll(".line:not(del)");
    const parts = lines.length ? [...lines] : [holder.querySelector("pre code")];
    return parts.map((part) => part.textContent).join("");
  };

  const write = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = element("textarea", { value: text });
      (document.querySelector("dialog[open]") || document.body).append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
  };

  const copy = async (button) => {
    await write(codeOf(button.closest(".block, .citation")));
    button.textContent = "copied";
    setTimeout(() => (button.textContent = "copy"), 2000);
  };

  // --- Formulas, drawings and tables that scroll sideways, and only they, are stops of the Tab key

  const SCROLLS =
    "div.arithmatex, .drawing, .md-typeset__scrollwrap, :not(.block) > .highlight > pre";

  const stops = () => {
    const wide = (it) => it.scrollWidth > it.clientWidth;
    const all = [...document.querySelectorAll(SCROLLS)];
    const found = all.map(wide); // first look at all, then change them: one layout
    all.forEach((it, n) => (found[n] ? (it.tabIndex = 0) : it.removeAttribute("tabindex")));
  };

  let resized = 0;
  addEventListener("load", () => setTimeout(stops, 200));
  addEventListener("resize", () => {
    clearTimeout(resized);
    resized = setTimeout(stops, 200);
  });

  // --- Citing: what the page of the tag says, in a dialog

  const LOCAL = "This is a copy of the book that does not know its public address: put that in.";
  const isLocal = () => !/^https/.test(location.protocol);

  const citations = () => {
    const data = document.getElementById("citations");
    return data ? JSON.parse(data.textContent) : null;
  };

  const cite = (link) => {
    const data = citations();
    const tag = link.getAttribute("href").match(/t\/(\w{4})\//)?.[1];
    if (!data?.blanks[tag] || !window.HTMLDialogElement) return false;
    const root = data.site || new URL(data.root, location.href).href;
    const known = { ...data.blanks[tag], tag, root };
    const filled = (frame) => frame.replace(/\{(\w+)\}/g, (blank, name) => known[name] ?? blank);
    const close = element("button", { className: "close", type: "button" }, "close");
    const title = element("h2", { id: "cite-title" }, link.getAttribute("aria-label"));
    const dialog = element("dialog", { className: "cite-dialog md-typeset", id: "cite" });
    dialog.setAttribute("aria-labelledby", "cite-title");
    dialog.append(close, title);
    for (const [format, frame] of Object.entries(data.frames)) {
      const button = element("button", { className: "copy", type: "button" }, "copy");
      button.setAttribute("aria-label", `Copy ${format}`);
      const code = element("code", {}, filled(frame));
      const pre = element("pre", { tabIndex: 0, className: format.toLowerCase() });
      pre.append(element("span", {}, code));
      const heading = element("h3", {}, format);
      dialog.append(element("div", { className: "citation" }, heading, button, pre));
    }
    const report = data.reports?.[tag];
    if (report) dialog.append(element("p", {}, element("a", { href: report }, "Report a mistake")));
    const page = element("a", { href: link.href }, `The page of tag ${tag}`);
    dialog.append(element("p", {}, page));
    if (!data.site && isLocal()) dialog.append(element("p", {}, LOCAL));
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      link.focus();
    });
    document.body.append(dialog);
    dialog.showModal();
    return true;
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button.copy");
    if (button) copy(button);
    const link = event.target.closest("a.cite");
    const plain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (link && plain && cite(link)) event.preventDefault();
  });

  // --- Changes: the switch of one block is that of all, on every page, from then on

  const switches = () => document.querySelectorAll(".block > .toggle");
  const turn = (on) => switches().forEach((it) => (it.checked = on));
  try {
    const chosen = window.__md_get?.("changes");
    if (typeof chosen === "boolean") turn(chosen);
  } catch {
    // no storage: the changes are shown
  }
  document.addEventListener("change", (event) => {
    if (!event.target.matches(".block > .toggle")) return;
    const at = event.target.closest(".block").getBoundingClientRect().top;
    turn(event.target.checked);
    window.__md_set?.("changes", event.target.checked);
    scrollBy(0, event.target.closest(".block").getBoundingClientRect().top - at);
  });

  // --- Previews: what a link leads to, beside the link

  const pages = new Map();
  let shown = null;
  let waiting = 0;

  const pageOf = (url) => {
    if (url.pathname === location.pathname) return document;
    if (!/^http/.test(url.protocol) || url.origin !== location.origin) return null;
    if (!pages.has(url.pathname)) {
      const load = fetch(url.pathname).then((answer) => answer.text());
      const parser = new DOMParser();
      pages.set(url.pathname, load.then((text) => parser.parseFromString(text, "text/html")));
    }
    return pages.get(url.pathname);
  };

  // Of a list of definitions: the term, and what is said of it.
  const entryOf = (term) => {
    const said = term.nextElementSibling;
    return element("dl", {}, ...[term, said].map((it) => document.importNode(it, true)));
  };

  const partsOf = (target) => {
    if (target.matches("figure")) return [target];
    if (target.matches("dt")) return [entryOf(target)];
    const line = target.closest(".line");
    if (line || !/^H[1-6]$/.test(target.tagName)) return [];
    const parts = [target];
    let next = target.nextElementSibling;
    while (next && !/^H[1-6]$/.test(next.tagName) && parts.length < 4) {
      parts.push(next);
      next = next.nextElementSibling;
    }
    return parts;
  };

  const hide = () => {
    clearTimeout(waiting);
    shown?.remove();
    shown = null;
  };

  const show = async (link) => {
    const url = new URL(link.href);
    const page = await pageOf(url);
    const target = page?.getElementById(decodeURIComponent(url.hash.slice(1)));
    const parts = target ? partsOf(target) : [];
    if (!parts.length || !link.matches(":hover, :focus-visible")) return;
    hide();
    if (link.title) [link.ariaDescription, link.title] = [link.title, ""]; // it says the same
    shown = element("div", { className: "preview md-typeset", inert: true });
    shown.setAttribute("aria-hidden", "true");
    for (const part of parts) {
      const twin = document.importNode(part, true);
      for (const named of [twin, ...twin.querySelectorAll("[id]")]) named.removeAttribute("id");
      for (const box of twin.querySelectorAll(".toggle")) box.checked = false;
      shown.append(twin);
    }
    document.body.append(shown);
    const at = link.getBoundingClientRect();
    const below = at.bottom + shown.offsetHeight + 8 < innerHeight || at.top < shown.offsetHeight;
    const left = Math.min(at.left, document.documentElement.clientWidth - shown.offsetWidth - 8);
    shown.style.left = `${Math.max(left, 8) + scrollX}px`;
    shown.style.top = `${(below ? at.bottom + 6 : at.top - shown.offsetHeight - 6) + scrollY}px`;
  };

  const point = (event) => {
    const link = event.target.closest?.(".md-content a[href*='#']:not(.headerlink, .id)");
    clearTimeout(waiting);
    if (link) waiting = setTimeout(show, event.type === "focusin" ? 400 : 150, link);
    else hide();
  };

  document.addEventListener("mouseover", point);
  document.addEventListener("focusin", point);
  document.addEventListener("focusout", hide);
  document.addEventListener("click", hide);
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());

  // --- The page of a tag has the colours that were chosen in the book

  const root = document.body?.dataset.root;
  if (root) {
    const folder = new URL(root, location.href);
    try {
      const chosen = JSON.parse(localStorage.getItem(`${folder.pathname}.__palette`));
      if (chosen) document.body.dataset.mdColorScheme = chosen.color.scheme;
    } catch {
      // no storage: the colours are those of the system
    }
    if (!document.body.dataset.site) {
      for (const code of document.querySelectorAll(".citation code")) {
        code.textContent = code.textContent.replaceAll(/t\/\w{4}\//g, (path) => folder.href + path);
      }
      if (!isLocal()) document.querySelector(".address")?.remove();
    }
  }
})();
