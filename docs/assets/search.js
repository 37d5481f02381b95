/* Search: the section that explains a word comes first, and the index is fetched when
   somebody searches. This file is loaded before Material's own script, and changes what
   goes from that to its index and to the worker that searches. */

const searching = (() => {
  // --- What is typed, as the search understands it

  /* A dash before a word is part of an option's name, not a "without"; a word counts
     more where it stands in full; and figures are numbered in the text, not in titles. */
  const asked = (query) => {
    const words = query.trim().replace(/(^|\s)[-+~^*:]+(?=\S)/g, "$1");
    const figure = words.match(/^(?:figure|fig\.?) (\d+|[A-Z])\.(\d+)$/i);
    if (figure) return `+text:figure +text:${figure[1]}.${figure[2]}`;
    if (/["+:~^*]|\s-/.test(words)) return words; // asked in the search's own language
    const option = words !== query.trim();
    const parts = words.split(/[\s-]+/).filter(Boolean);
    const terms = parts.flatMap((it) => {
      const begun = option || (parts.length > 1 && it.length < 3) ? [] : [it];
      const both = [...begun, `${it}^4`].flatMap((term) => [`title:${term}`, `text:${term}`]);
      return option ? both : [...both, `tags:${it}^1`]; // perhaps a name of the program
    });
    return terms.join(" ");
  };

  // --- What is searched

  const DEFINED = /\b(?:def|class) (\w+)|\bself\.(\w+) = /g;
  const place = (doc) => {
    const number = doc.title.match(/^(\d+)(?:\.(\d+))?/);
    return number ? 100 * number[1] + +(number[2] ?? 0) : Infinity;
  };
  const worth = ({ location }) => {
    const [page, section] = location.split("#");
    if (/^(api|blocks|identifiers|program)\./.test(page)) return 0.05;
    if (/^exercises?-/.test(section ?? "")) return 0.2;
    if (/^(index|glossary|questions|history|how-to-read|making|teaching)\./.test(page))
      return 0.3;
    if (/^(catalogue|parts|recipe)$/.test(section ?? "")) return 0.3; // explained elsewhere
    return section ? 1 : 0.4; // the search itself prefers the beginning of a page
  };

  /* The index, in which a section is worth what it explains, and is found before others
     by the names that it is the first of the book's sections to define. */
  const prepared = (index) => {
    const first = new Map();
    for (const doc of [...index.docs].sort((a, b) => place(a) - place(b))) {
      doc.boost = worth(doc);
      if (doc.boost < 1 || place(doc) === Infinity) continue;
      for (const [, thing, attribute] of doc.text.matchAll(DEFINED)) {
        const name = thing ?? attribute;
        if (!first.has(name)) first.set(name, doc);
      }
    }
    for (const [name, doc] of first) (doc.tags ??= []).push(name);
    index.config.fields.title.boost = 10;
    index.config.fields.tags.boost = 10;
    return index;
  };

  return { asked, prepared };
})();

// --- The index is fetched when somebody searches

{
  const INDEX = /\/search\/search_index\.json$/;
  const waiting = [];
  let wanted = false;
  const { open, send } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.open = function (method, address, ...rest) {
    this.isIndex = INDEX.test(address);
    return open.call(this, method, address, ...rest);
  };
  XMLHttpRequest.prototype.send = function (...body) {
    if (this.isIndex && !wanted) waiting.push(() => send.apply(this, body));
    else send.apply(this, body);
  };
  document.addEventListener("focusin", (event) => {
    if (!event.target.closest(".md-search")) return;
    wanted = true;
    for (const start of waiting.splice(0)) start();
  });

  const { postMessage } = Worker.prototype;
  Worker.prototype.postMessage = function (message, ...rest) {
    if (message?.type === 0) message = { ...message, data: searching.prepared(message.data) };
    if (message?.type === 2) message = { ...message, data: searching.asked(message.data) };
    return postMessage.call(this, message, ...rest);
  };
}
