// Model: the book's kernel in C, compiled to WebAssembly, as the engine of one model.

// What `python -m microgpt` uses if nothing else is asked for.
export const SIZES = { width: 16, context: 16, layers: 1, heads: 4 };

// The kernel: {make, train, logits, …} and its memory.
export async function kernel(bytes) {
  const { instance } = await WebAssembly.instantiate(bytes);
  instance.exports._initialize?.();
  return instance.exports;
}

export class Model {
  // vocabulary: the number of tokens; random: what the first weights are drawn from.
  constructor(kernel, vocabulary, random, sizes = SIZES) {
    this.kernel = kernel;
    this.vocabulary = vocabulary;
    const { width, context, layers, heads } = sizes;
    this.context = context;
    const count = (2 * vocabulary + context) * width + layers * 12 * width * width;
    this.params = Float64Array.from({ length: count }, () => random.gauss(0, 0.08));
    this.at = kernel.make(vocabulary, width, context, layers, heads, 0, 1);
    if (!this.at) throw new Error("The page has not enough memory for this model.");
    this.lend(this.params, (at) => kernel.copy(this.at, 0, at, 0));
    this.cache = kernel.malloc(kernel.cache_size(this.at) * 8);
    this.row = kernel.malloc(vocabulary * 8);
  }

  // Copies arrays into the kernel's memory, calls with their addresses, and frees them.
  lend(...given) {
    const call = given.pop(), { malloc, free, memory } = this.kernel;
    const places = given.map((array) => malloc(array.byteLength + 64));
    given.forEach((array, n) =>
      new Uint8Array(memory.buffer).set(new Uint8Array(array.buffer), places[n])
    );
    const found = call(...places);
    places.forEach(free);
    return found;
  }

  // Takes a step for each document; returns the losses.
  train(documents, rates) {
    const cut = documents.map((tokens) => tokens.slice(0, this.context + 1));
    const lengths = Int32Array.from(cut, (tokens) => tokens.length);
    const sizes = new Int32Array(cut.length).fill(1);
    const losses = new Float64Array(cut.length);
    const tokens = Int32Array.from(cut.flat());
    return this.lend(tokens, lengths, sizes, Float64Array.from(rates), losses, (...at) => {
      const done = this.kernel.train(this.at, ...at, cut.length);
      return [...new Float64Array(this.kernel.memory.buffer.slice(at[4], at[4] + 8 * done))];
    });
  }

  // The logits of the token after the one at a place; a document begins at place 0.
  logits(token, place) {
    const { memory, cache_size, logits } = this.kernel;
    if (place === 0) new Float64Array(memory.buffer, this.cache, cache_size(this.at)).fill(0);
    logits(this.at, token, place, this.cache, this.row);
    return [...new Float64Array(this.kernel.memory.buffer, this.row, this.vocabulary)];
  }

  // A document that begins with a prompt, as the chapter Sampling writes one.
  write(tokenizer, random, { temperature = 0.5, prompt = "" } = {}) {
    const tokens = tokenizer.encode(prompt).slice(0, -1);
    if (tokens.length > this.context)
      throw new Error(`The beginning can have ${this.context - 1} characters at most.`);
    for (let place = 0; place < this.context; place++) {
      const logits = this.logits(tokens[place], place);
      if (place + 1 < tokens.length) continue;
      const token = random.choice(softmax(logits, temperature));
      if (token === tokenizer.bos) break;
      tokens.push(token);
    }
    return tokenizer.decode(tokens);
  }
}

// The probabilities that logits stand for.
export function softmax(logits, temperature = 1) {
  const share = 1 / temperature, scaled = logits.map((it) => it * share);
  const largest = Math.max(...scaled);
  const exps = scaled.map((it) => Math.exp(it - largest));
  const all = exps.reduce((a, b) => a + b, 0);
  return exps.map((it) => it * (1 / all));
}
