import * as pulumi from '@pulumi/pulumi';
import { asText, filledText, hasTokens, isToken, tokensIn } from '../constructs/model/deferred';
import { AshlarError } from '../constructs/model/error';
import type { KubeObject } from '../constructs/model/kube-object';
import type { Plan } from '../constructs/model/plan';
import type { Hole } from '../constructs/model/records';

type Holes = Plan['holes'];

/** Fields that are texts whatever stands in them: a number that comes later is written as one. */
const TEXTS = /^\/(data|stringData)\/|\/(annotations|labels)\/|\/env\/\d+\/value$|\/(args|command)\/\d+$|\/image$/;

/**
 * Puts the Outputs back into manifests: at the very field, with their dependencies and their secretness, so that a
 * preview shows one unknown field and not an unknown object.
 */
export class Filler {
  readonly #outputs = new Map<string, pulumi.Output<unknown>>();

  constructor(private readonly holes: Holes) {}

  /** A manifest with its Outputs; the manifest itself where it has none. */
  fill(manifest: KubeObject): KubeObject {
    return this.holes.size === 0 || !hasTokens(manifest) ? manifest : (this.#filled(manifest, '') as KubeObject);
  }

  #filled(value: unknown, pointer: string): unknown {
    if (typeof value === 'string') return this.#text(value, pointer);
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((item, index) => this.#filled(item, `${pointer}/${index}`));
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, this.#filled(item, `${pointer}/${key}`)]),
    );
  }

  #text(text: string, pointer: string): unknown {
    const tokens = [...new Set(tokensIn(text))];
    if (tokens.length === 0) return text;
    if (isToken(text)) {
      const output = this.#outputOf(text);
      return TEXTS.test(pointer) ? output.apply(asText) : output;
    }
    return this.#of(tokens, (valueOf) => filledText(text, valueOf));
  }

  #outputOf(token: string): pulumi.Output<unknown> {
    let output = this.#outputs.get(token);
    if (output === undefined) this.#outputs.set(token, (output = this.#make(token)));
    return output;
  }

  #make(token: string): pulumi.Output<unknown> {
    const hole = this.holes.get(token);
    // The plan was checked: each token has its hole, and each hole has somebody who knows it.
    if (hole === undefined) throw new Error(`no hole has the token ${token}`);
    if (hole.computed !== undefined) return this.#of(hole.computed.tokens, hole.computed.from);
    return (pulumi.output(hole.value) as unknown as pulumi.Output<unknown>).apply((value) => known(hole, value));
  }

  #of(tokens: readonly string[], make: (valueOf: (token: string) => unknown) => string): pulumi.Output<string> {
    const outputs = tokens.map((token) => this.#outputOf(token));
    return pulumi.all(outputs).apply((values) => make((token) => values[tokens.indexOf(token)]));
  }
}

/** An Output that turns out to be nothing would be written as the text "undefined". */
function known({ path, field }: Hole, value: unknown): unknown {
  if (value !== undefined && value !== null) return value;
  throw new AshlarError({
    code: 'output-is-empty',
    path,
    field,
    message: `The Output that was given for ${field} of ${path} has no value.`,
    got: String(value),
    allowed: 'a value',
    fix: 'Look at the resource or the configuration that it comes from; give a default with output.apply(...).',
  });
}
