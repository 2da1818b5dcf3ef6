import { setTimeout as sleep } from 'node:timers/promises';

/** How many requests are under way at once. */
const AT_ONCE = 10;

/** Requests without a pause, until it is stopped. */
export class Load {
  readonly #statuses: number[] = [];
  readonly #callers: readonly Promise<void>[];
  #isOver = false;

  constructor(call: () => Promise<{ readonly status: number }>) {
    this.#callers = Array.from({ length: AT_ONCE }, () => this.#run(call));
  }

  /** Waits until so many more were answered that were begun from now on. */
  async more(count: number): Promise<void> {
    const enough = this.#statuses.length + AT_ONCE + count;
    while (this.#statuses.length < enough && !this.#isOver) await sleep(10);
  }

  /** Ends it, and says how each request was answered; 0: not at all. */
  async stop(): Promise<readonly number[]> {
    this.#isOver = true;
    await Promise.all(this.#callers);
    return this.#statuses;
  }

  async #run(call: () => Promise<{ readonly status: number }>): Promise<void> {
    while (!this.#isOver) {
      const { status } = await call().catch(() => ({ status: 0 }));
      this.#statuses.push(status);
    }
  }
}
