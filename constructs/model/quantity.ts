/** Powers of the suffixes of a quantity (Kubernetes 1.36, apimachinery `resource.Quantity`). */
const SUFFIXES: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

const QUANTITY = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d+))?$/;

/** Values of texts that were read before: a platform uses few, again and again. Bounded, as it outlives the plan. */
const known = new Map<string, number>();
const MOST_KNOWN = 1000;

/** The value of a quantity such as `100m` or `64Mi`, in cores or bytes; NaN where it is none. */
export function parseQuantity(quantity: string | number): number {
  const text = String(quantity);
  let value = known.get(text);
  if (value === undefined) {
    value = parse(text);
    if (known.size < MOST_KNOWN) known.set(text, value);
  }
  return value;
}

function parse(quantity: string): number {
  const match = QUANTITY.exec(quantity);
  if (match === null) return Number.NaN;
  const [, digits = '', suffix = '', exponent] = match;
  return exponent === undefined ? Number(digits) * (SUFFIXES[suffix] ?? Number.NaN) : Number(`${digits}e${exponent}`);
}

/** Cores as a quantity, rounded up to whole millicores. */
export function formatCpu(cores: number): string {
  const millis = Math.ceil(roundOff(cores * 1000));
  return millis % 1000 === 0 ? String(millis / 1000) : `${millis}m`;
}

/** Bytes as a quantity, rounded up to whole mebibytes. */
export function formatMemory(bytes: number): string {
  return `${Math.ceil(roundOff(bytes / 2 ** 20))}Mi`;
}

/** Takes away what binary fractions leave behind, so that 0.1 + 0.2 is not rounded up. */
function roundOff(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
