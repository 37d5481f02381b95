// Text: the documents of a text, and its tokens, as the chapters Names and Tokens have them.

const BLANKS = "[\\t-\\r\\x1c- \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const ENDS = new RegExp(`^${BLANKS}+|${BLANKS}+$`, "g"); // what Python's strip takes off

// The lines of a text that are not blank.
export function documents(text) {
  const lines = text.replaceAll("\ufeff", "").split(/\r\n|\r|\n/);
  const docs = lines.map((line) => line.replace(ENDS, "")).filter((line) => line);
  const known = new Set(docs.flatMap((doc) => [...doc]));
  if (known.size < 2)
    throw new Error("There are fewer than two different characters: give one document a line.");
  return docs;
}

export class Tokenizer {
  constructor(docs) {
    const chars = new Set();
    for (const doc of docs) for (const char of doc) chars.add(char);
    this.chars = [...chars].sort((a, b) => a.codePointAt(0) - b.codePointAt(0));
    this.ids = new Map(this.chars.map((char, id) => [char, id]));
    this.bos = this.chars.length;
    this.size = this.bos + 1;
  }

  // The tokens of a document, with BOS at both ends.
  encode(doc) {
    const ids = [...doc].map((char) => {
      if (!this.ids.has(char))
        throw new Error(`“${char}” does not occur in the text, so the model has no token for it.`);
      return this.ids.get(char);
    });
    return [this.bos, ...ids, this.bos];
  }

  decode(tokens) {
    return tokens.map((id) => this.chars[id] ?? "").join("");
  }
}
