import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Role {
  readonly cluster: readonly string[];
  readonly indices: readonly { readonly names: readonly string[]; readonly privileges: readonly string[] }[];
  readonly metadata: object;
}

interface User {
  readonly password: string;
  readonly roles: readonly string[];
  readonly metadata: object;
}

/**
 * As much of the API of Elasticsearch as a script can tell from a real one, by what it is sent (Elasticsearch 9.4,
 * "Security APIs" and "Snapshot lifecycle management APIs"). It refuses what the real one refuses of these requests:
 * nobody who logs in, a body that is no JSON, a user of a role that is not there, a password of fewer than 6 characters.
 */
export class ElasticStandIn {
  readonly roles = new Map<string, Role>();
  readonly users = new Map<string, User>();
  /** What else was put, by path. */
  readonly put = new Map<string, unknown>();
  /** Method and path of each request that changed something. */
  readonly changes: string[] = [];
  /** Answers 503 so many times before it is ready. */
  notReady = 0;
  readonly #server: Server;

  constructor(readonly superuser: { readonly name: string; readonly password: string }) {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  /** Starts it, and returns its address. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => void this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const [status, body] = this.#judge(request, Buffer.concat(chunks).toString());
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  #judge({ method = '', url = '', headers }: IncomingMessage, text: string): readonly [number, unknown] {
    if (this.notReady > 0) {
      this.notReady -= 1;
      return [503, { error: 'not ready' }];
    }
    const { name, password } = this.superuser;
    if (headers.authorization !== `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`) return [401, {}];
    if (method === 'GET') return [200, this.#read(url)];
    this.changes.push(`${method} ${url}`);
    if (method === 'DELETE') return this.#delete(url);
    try {
      return this.#write(url, JSON.parse(text) as object);
    } catch {
      return [400, { error: 'no JSON' }];
    }
  }

  #read(url: string): unknown {
    if (!url.startsWith('/_security/user?')) return { username: this.superuser.name };
    // What `filter_path=*.metadata.ashlar` leaves.
    const marked = [...this.users].filter(([, { metadata }]) => 'ashlar' in metadata);
    return Object.fromEntries(marked.map(([name]) => [name, { metadata: { ashlar: true } }]));
  }

  #delete(url: string): readonly [number, unknown] {
    const [, kind, name = ''] = /^\/_security\/(user|role)\/(.+)$/.exec(url) ?? [];
    const there = kind === 'user' ? this.users.delete(name) : this.roles.delete(name);
    return [there ? 200 : 404, { found: there }];
  }

  #write(url: string, body: object): readonly [number, unknown] {
    const [, kind, name = ''] = /^\/_security\/(user|role)\/(.+)$/.exec(url) ?? [];
    if (kind === 'role') this.roles.set(name, body as Role);
    else if (kind === 'user') {
      const user = body as User;
      if (user.password.length < 6 || !user.roles.every((role) => this.roles.has(role)))
        return [400, { error: 'user' }];
      this.users.set(name, user);
    } else this.put.set(url, body);
    return [200, {}];
  }
}
