// Train it: the first page trains the book's model and lets it write, with the book's kernel.
// Nothing is loaded before the button is pressed, and nothing that is typed leaves the page.

const STEPS = 1000, WRITTEN = 20, POINTS = 100, LAST = 100;
const WIDE = 600, HIGH = 140;

const element = (tag, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};

const drawn = (tag, attributes) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
};

const labelled = (text, control) => element("label", {}, `${text} `, control);
const mean = (numbers) => numbers.reduce((a, b) => a + b, 0) / numbers.length;
const counted = (n) => n.toLocaleString("en");

// The losses of a run as a curve, and what a blind guess would lose.
class Curve {
  constructor() {
    this.svg = drawn("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img" });
    this.svg.setAttribute("aria-label", "The loss, step by step");
    this.caption = element("figcaption");
    this.figure = element("figure", {}, this.svg, this.caption);
  }

  begin(steps, vocabulary) {
    this.steps = steps;
    this.losses = [];
    this.guess = Math.log(vocabulary);
    this.line = drawn("polyline", { class: "loss" });
    const y = this.y(this.guess);
    const blind = drawn("line", { class: "guess", x1: 0, x2: WIDE, y1: y, y2: y });
    this.svg.replaceChildren(blind, this.line);
    const guess = this.guess.toFixed(2);
    this.caption.textContent = `The loss, step by step. Dotted: what a blind guess loses, ${guess}.`;
  }

  // From a little more than a blind guess loses down to half of it.
  y(loss) {
    const share = (1.1 * this.guess - loss) / (0.6 * this.guess);
    return Math.max(0, Math.min(1, share)) * HIGH;
  }

  add(losses) {
    this.losses.push(...losses);
    const each = Math.max(1, Math.ceil(this.steps / POINTS)), points = [];
    for (let i = 0; i < this.losses.length; i += each) {
      const y = this.y(mean(this.losses.slice(i, i + each)));
      points.push(`${((i + each / 2) / this.steps) * WIDE},${y.toFixed(1)}`);
    }
    this.line.setAttribute("points", points.join(" "));
  }

  get last() {
    return mean(this.losses.slice(-LAST));
  }
}

class Trainer {
  constructor(place) {
    this.button = element("button", { type: "button", className: "go", textContent: "Train it" });
    this.status = element("p", { role: "status" });
    this.curve = new Curve();
    this.names = element("ol");
    this.names.setAttribute("aria-label", "What the model writes");
    this.shown = element("div", { className: "run", hidden: true }, this.curve.figure, this.names);
    this.shown.append(this.controls());
    place.replaceChildren(this.button, this.status, this.shown);
    this.button.addEventListener("click", () => (this.trains ? this.stop() : this.train()));
    this.say("A thousand names, one after the other: the program of this book, in this page.");
  }

  controls() {
    const seed = { type: "number", min: 0, max: 2 ** 32, step: 1, value: 42 };
    this.seed = element("input", seed);
    this.steps = element("select", {}, new Option("1,000", STEPS), new Option("all", "all"));
    const heat = { type: "range", min: 0.1, max: 2, step: 0.1, value: 0.5 };
    this.temperature = element("input", heat);
    const shown = element("output", { textContent: heat.value });
    this.temperature.addEventListener("input", () => (shown.value = this.temperature.value));
    this.temperature.addEventListener("change", () => this.write());
    this.prompt = element("input", { type: "text", maxLength: 15, size: 8, spellcheck: false });
    this.prompt.addEventListener("change", () => this.write());
    this.own = element("textarea", { rows: 6, spellcheck: false });
    const command = (textContent, work) => {
      const made = element("button", { type: "button", textContent });
      made.addEventListener("click", work);
      return made;
    };
    const heated = labelled("Bolder or more careful (temperature)", this.temperature);
    heated.append(" ", shown);
    const own = element("details", { className: "aside" });
    own.append(element("summary", {}, "Your own list"));
    own.append(
      labelled("One name, word or line of verse a line; it stays in this page:", this.own),
      command("Train on it", () => this.train(this.own.value))
    );
    return element(
      "div",
      { className: "controls" },
      element("p", {}, labelled("Names", this.steps), labelled("Seed", this.seed),
        command("Train with another seed", () => this.another())),
      element("p", {}, heated, labelled("Begin with", this.prompt),
        command("Write twenty more", () => this.write())),
      own
    );
  }

  say(text, wrong = false) {
    this.status.textContent = text;
    this.status.classList.toggle("wrong", wrong);
  }

  another() {
    this.seed.value = Number(this.seed.value) + 1;
    this.train(this.text);
  }

  train(text) {
    this.stop();
    const seed = this.seed.value;
    if (!/^\d+$/.test(seed)) return this.say("The seed is a whole number, 0 or more.", true);
    if (text !== this.text) this.prompt.value = ""; // its letters may be no tokens now
    this.text = text;
    this.begin();
    const all = this.steps.value === "all";
    this.worker.postMessage({ train: { text, seed, steps: all ? "all" : STEPS } });
  }

  begin() {
    this.worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
    this.worker.onmessage = ({ data }) => this.hear(data);
    this.worker.onerror = () => this.fail("The page cannot load what it needs to train.");
    this.button.textContent = "Stop";
    this.ready = false;
    this.names.replaceChildren();
    this.say("It begins …");
    this.started = performance.now();
  }

  get trains() {
    return this.worker && !this.ready;
  }

  stop() {
    if (this.trains) this.say("Stopped.");
    this.worker?.terminate();
    this.worker = null;
    this.ready = false;
    this.button.textContent = "Train it";
  }

  fail(error) {
    this.stop();
    this.say(error, true);
  }

  hear({ error, steps, losses, step, trained, names, ...told }) {
    if (error) this.ready ? this.say(error, true) : this.fail(error);
    if (steps) {
      this.told = { steps, ...told };
      this.shown.hidden = false;
      this.curve.begin(steps, told.vocabulary);
      this.steps.options[1].textContent = `all ${counted(told.documents)}`;
    }
    if (losses) {
      this.curve.add(losses);
      this.say(`step ${counted(step)} of ${counted(this.told.steps)}, loss ${this.curve.last.toFixed(4)}`);
    }
    if (trained) this.finish();
    if (names) this.names.replaceChildren(...names.map((name) => element("li", {}, name)));
  }

  finish() {
    const seconds = (performance.now() - this.started) / 1000, { steps, params } = this.told;
    this.say(
      `${counted(steps)} steps in ${seconds.toFixed(2)} seconds have set ${counted(params)} numbers. ` +
        `Mean loss of the last hundred: ${this.curve.last.toFixed(4)}. The model writes:`
    );
    this.ready = true;
    this.button.textContent = "Train it again";
    this.write();
  }

  write() {
    if (!this.ready) return;
    const how = { temperature: Number(this.temperature.value), prompt: this.prompt.value };
    this.worker.postMessage({ write: { count: WRITTEN, ...how } });
  }
}

const place = document.getElementById("train-it");
const able = typeof WebAssembly === "object" && /^http/.test(location.protocol);
if (place && able) new Trainer(place);
