// Worker: trains one model and lets it write, beside the page, which stays awake.
//
// In:  {train: {text, seed, steps}}, {write: {count, temperature, prompt}}
// Out: {size, params, documents}, {losses, step}, {names}, {trained}, {error}

import { Random } from "./chance.js";
import { kernel, Model } from "./model.js";
import { documents, Tokenizer } from "./text.js";

const RATE = 0.01, CHUNK = 10; // of the first step; steps between two messages
const here = (name) => new URL(name, import.meta.url);
const load = async (name) => {
  const answer = await fetch(here(name));
  if (!answer.ok) throw new Error(`${name} cannot be loaded.`);
  return answer;
};

let model, tokenizer, random;

async function train({ text, seed, steps }) {
  const compiled = await kernel(await (await load("kernel.wasm")).arrayBuffer());
  text ??= await (await load("../../data/names.txt")).text();
  random = new Random(seed);
  const docs = documents(text);
  tokenizer = new Tokenizer(docs);
  random.shuffle(docs);
  model = new Model(compiled, tokenizer.size, random);
  steps = steps === "all" ? docs.length : steps;
  postMessage({ vocabulary: tokenizer.size, params: model.params.length, documents: docs.length, steps });
  for (let step = 0; step < steps; ) {
    const chunk = Math.max(CHUNK, Math.round(steps / 100));
    const now = Array.from({ length: Math.min(chunk, steps - step) }, (_, n) => step + n);
    const losses = model.train(
      now.map((n) => tokenizer.encode(docs[n % docs.length])),
      now.map((n) => RATE * (1 - n / steps))
    );
    step += losses.length;
    postMessage({ losses, step });
    if (losses.length < now.length || !Number.isFinite(losses.at(-1)))
      throw new Error(`At step ${step} the loss is no longer a number.`);
  }
  postMessage({ trained: true });
}

function write({ count, ...how }) {
  const names = Array.from({ length: count }, () => model.write(tokenizer, random, how));
  postMessage({ names });
}

onmessage = async ({ data }) => {
  try {
    if (data.train) await train(data.train);
    if (data.write) write(data.write);
  } catch (error) {
    postMessage({ error: error.message });
  }
};
