// Chance: the random numbers of Python's module `random`, the same ones for the same seed.
// (M. Matsumoto and T. Nishimura, Mersenne Twister, 1998; a test compares them with Python's.)

const N = 624, M = 397;

export class Random {
  // seed: a whole number that is not negative.
  constructor(seed) {
    const key = [];
    for (let rest = BigInt(seed); rest || !key.length; rest >>= 32n)
      key.push(Number(rest & 0xffffffffn));
    this.state = seeded(key);
    this.at = N;
    this.spare = null; // gauss makes two numbers at a time
  }

  // 32 random bits.
  bits() {
    if (this.at === N) {
      twist(this.state);
      this.at = 0;
    }
    let y = this.state[this.at++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  // A number from 0 to below 1.
  random() {
    const high = this.bits() >>> 5, low = this.bits() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  // A whole number from 0 to below n.
  below(n) {
    const unused = Math.clz32(n);
    let found = this.bits() >>> unused;
    while (found >= n) found = this.bits() >>> unused;
    return found;
  }

  shuffle(list) {
    for (let i = list.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [list[i], list[j]] = [list[j], list[i]];
    }
  }

  gauss(mean, deviation) {
    let z = this.spare;
    this.spare = null;
    if (z === null) {
      const angle = this.random() * 2 * Math.PI;
      const size = Math.sqrt(-2 * Math.log(1 - this.random()));
      z = Math.cos(angle) * size;
      this.spare = Math.sin(angle) * size;
    }
    return mean + z * deviation;
  }

  // An index, drawn by weight.
  choice(weights) {
    let sum = 0;
    const sums = weights.map((weight) => (sum += weight));
    const drawn = this.random() * sum;
    const found = sums.findIndex((it) => drawn < it);
    return found < 0 ? weights.length - 1 : found;
  }
}

const times = (a, b) => Math.imul(a, b);

function seeded(key) {
  const s = new Int32Array(N);
  s[0] = 19650218;
  for (let i = 1; i < N; i++) s[i] = times(1812433253, s[i - 1] ^ (s[i - 1] >>> 30)) + i;
  let i = 1, j = 0;
  const next = () => {
    if (++i < N) return;
    s[0] = s[N - 1];
    i = 1;
  };
  for (let k = Math.max(N, key.length); k; k--) {
    s[i] = (s[i] ^ times(s[i - 1] ^ (s[i - 1] >>> 30), 1664525)) + key[j] + j;
    next();
    j = (j + 1) % key.length;
  }
  for (let k = N - 1; k; k--) {
    s[i] = (s[i] ^ times(s[i - 1] ^ (s[i - 1] >>> 30), 1566083941)) - i;
    next();
  }
  s[0] = 0x80000000;
  return s;
}

function twist(s) {
  for (let i = 0; i < N; i++) {
    const y = (s[i] & 0x80000000) | (s[(i + 1) % N] & 0x7fffffff);
    s[i] = s[(i + M) % N] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
  }
}
