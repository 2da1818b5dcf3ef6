import { Connection, Element, Store, declare, namespaceOf, type IStore, type StoreFacts } from 'ashlar';
import type { Construct } from 'constructs';

/** A store of no engine at all, reached at `<id>.<namespace>.svc:1234`: for what holds of every store. */
export class PlainStore extends Element implements IStore {
  readonly engine = 'plain';

  constructor(scope: Construct, id: string, facts: Partial<StoreFacts> = {}) {
    super(scope, id);
    const namespace = namespaceOf(this);
    const host = `${id}.${namespace}.svc`;
    const fields = { host, port: '1234', url: `plain://{user}:{password}@${host}:1234` };
    declare(this, Store, { engine: 'plain', name: id, namespace, isolation: 'server', durable: true, ...facts });
    declare(this, Connection, {
      fields: { owner: fields, reader: { ...fields, url: `${fields.url}?readonly` } },
      env: { STORE_URL: 'url' },
      reach: { pods: { namespace, labels: { store: id } } },
      ports: [1234],
    });
  }
}
