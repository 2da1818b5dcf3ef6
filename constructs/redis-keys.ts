import type { Construct } from 'constructs';
import type { IStore } from './capabilities';
import { StandsOn, Store } from './derive/stores/store';
import { Element } from './model/element';
import { declare, relate } from './model/recorder';
import { namespaceOf } from './namespace';

/**
 * A share of a Redis: the keys with one prefix. Its owner is told the prefix beside the address; the server refuses all
 * other keys.
 *
 * Errors: `bad-name`, `duplicate-name`, `store-without-owner`, `shared-database`.
 */
export class RedisKeys extends Element implements IStore {
  /** What keeps the data: `redis`. */
  readonly engine: string = 'redis';
  /** What each of its keys and channels begins with: `carts:`. */
  readonly prefix: string;

  /** @internal - `RedisServer.keys` makes shares */
  constructor(server: Construct, name: string, isDurable: boolean) {
    super(server, name);
    this.prefix = `${name}:`;
    declare(this, Store, {
      engine: this.engine,
      // Accounts of all shares are told apart by name, and stand beside those of the server.
      name: server.node.id,
      namespace: namespaceOf(server),
      isolation: 'keys',
      durable: isDurable,
      share: name,
      besides: { fields: { prefix: this.prefix }, env: { REDIS_KEY_PREFIX: 'prefix' } },
    });
    relate(StandsOn, this, server, {}, 3);
  }
}
