import http from 'node:http';
import https from 'node:https';
import type { Access } from './kubeconfig';

/** What a server answered. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Longest time for one answer, in milliseconds. */
const ANSWER_MS = 15_000;

/** Reads from an API server; nothing else. */
export class Client {
  readonly #agent: http.Agent;
  readonly #secure: boolean;

  constructor(private readonly access: Access) {
    const { ca, cert, key, insecure, servername, server } = access;
    this.#secure = server.startsWith('https:');
    const tls = { ca, cert, key, servername, rejectUnauthorized: !insecure };
    this.#agent = this.#secure ? new https.Agent({ keepAlive: true, ...tls }) : new http.Agent({ keepAlive: true });
  }

  /** @throws Error of the system where nobody answers */
  get(path: string): Promise<Answer> {
    const { server, token } = this.access;
    const headers = { accept: 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) };
    return new Promise((resolve, reject) => {
      const { request } = this.#secure ? https : http;
      const url = new URL(`${server.replace(/\/$/, '')}${path}`);
      const asked = request(url, { agent: this.#agent, headers, timeout: ANSWER_MS }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: jsonIn(Buffer.concat(chunks)) }));
      });
      asked.on('timeout', () => asked.destroy(new Error(`no answer in ${ANSWER_MS / 1000} s`)));
      asked.on('error', reject);
      asked.end();
    });
  }

  /** Closes its connections, so that the process can end. */
  close(): void {
    this.#agent.destroy();
  }
}

/** Proxies in between answer with pages. */
function jsonIn(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString()) as unknown;
  } catch {
    return undefined;
  }
}
