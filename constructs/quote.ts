import type { IConstruct } from 'constructs';
import type { QuotePart } from './derive/config/facts';
import { membersOf } from './kinds';
import { isDeferred } from './model/deferred';

/** What of a construct is named. */
export interface QuoteOptions {
  /** Name of its port. @defaultValue its only one */
  readonly port?: string;
}

/**
 * What another construct is called, as a value of a configuration: the address of a service, the name of a topic. It is
 * looked up when the plan is made, so each environment gets its own.
 */
export class Quote {
  readonly #parts: readonly QuotePart[];

  private constructor(parts: readonly QuotePart[]) {
    this.#parts = parts;
  }

  /**
   * What a construct is called.
   * @param of - a service, a cache, an external service, a store; and whatever else declares `Quotable`
   * @param field - of what can be called: `host:port`, `host`, `port`, `url`; of others what they have, such as `name`
   */
  static of(of: IConstruct, field: string, options: QuoteOptions = {}): Quote {
    const { port = '' } = membersOf(options);
    return new Quote([{ of, field, port }]);
  }

  /** A text with such names in it: ``Quote.text`jdbc:postgresql://${Quote.of(ordersDb, 'host')}/orders` ``. */
  static text(texts: TemplateStringsArray, ...quotes: readonly (Quote | string | number)[]): Quote {
    return new Quote(
      texts.flatMap((text, index) => {
        const quote = quotes[index];
        const next = index < quotes.length ? Quote.#partsOf(quote) : [];
        return text === '' ? next : [text, ...next];
      }),
    );
  }

  /** What is no text names a construct, and nothing of it, which is told where it is looked up. */
  static #partsOf(quote: Quote | string | number | undefined): readonly QuotePart[] {
    if (quote instanceof Quote) return quote.#parts;
    const isText = typeof quote === 'string' || typeof quote === 'number' || isDeferred(quote);
    return isText ? [String(quote)] : [{ of: quote as unknown as IConstruct, field: '', port: '' }];
  }

  /** The parts as facts. */
  get facts(): readonly QuotePart[] {
    return this.#parts;
  }
}
