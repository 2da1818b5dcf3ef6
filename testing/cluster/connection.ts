import { Agent, request } from 'node:https';
import { Agent as PlainAgent, request as plainRequest } from 'node:http';
import type { AshlarError } from '../../constructs/model/error';
import { clusterError } from './problems';

/** How an API server is reached. */
export interface Access {
  /** `https://127.0.0.1:6443`. */
  readonly server: string;
  /** Certificate of who signed the server's, PEM. @defaultValue those that Node trusts */
  readonly ca?: string;
  /** Bearer token. */
  readonly token?: string;
  /** Certificate of the client, PEM. */
  readonly cert?: string;
  /** Key of the client, PEM. */
  readonly key?: string;
  /** The server's certificate is not looked at. @defaultValue false */
  readonly insecure?: boolean;
}

/** A question to the API server. */
export interface ApiRequest {
  /** HTTP method. @defaultValue 'GET' */
  readonly method?: string;
  /** With its query: `/api/v1/namespaces?limit=1`. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Content type of the body. @defaultValue 'application/json' */
  readonly type?: string;
  /** More headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the API server answered. */
export interface ApiAnswer {
  /** HTTP status. */
  readonly status: number;
  /** Parsed where it is JSON, the text otherwise. */
  readonly body: unknown;
  /** Texts of its `Warning` headers. */
  readonly warnings: readonly string[];
}

/** An API server to which requests go. */
export class Connection {
  private readonly agent: Agent | PlainAgent;

  /**
   * @param access - how it is reached
   * @param trouble - why it may be gone: asked when a request fails
   */
  constructor(
    readonly access: Access,
    private readonly trouble?: () => AshlarError | undefined,
  ) {
    const { ca, cert, key, insecure, server } = access;
    const shared = { keepAlive: true, maxSockets: 16 };
    this.agent = server.startsWith('http:')
      ? new PlainAgent(shared)
      : new Agent({ ...shared, rejectUnauthorized: insecure !== true, ...(ca && { ca }), ...(cert && { cert, key }) });
  }

  /**
   * Sends a request. An answer of any status is an answer.
   * @throws AshlarError `cluster-unreachable` where none comes, `engine-died` where the server's process has ended
   */
  async send(question: ApiRequest): Promise<ApiAnswer> {
    try {
      return await this.exchange(question);
    } catch (error) {
      throw (await this.cause()) ?? unreachable(this.access.server, error);
    }
  }

  /** Ends the connections that are kept open. */
  close(): void {
    this.agent.destroy();
  }

  /** A socket breaks a moment before the end of its process is known. */
  private async cause(): Promise<AshlarError | undefined> {
    if (this.trouble === undefined) return undefined;
    await new Promise((resolve) => setTimeout(resolve, 100));
    return this.trouble();
  }

  private exchange({ method = 'GET', path, body, type = 'application/json', headers }: ApiRequest): Promise<ApiAnswer> {
    const { server, token } = this.access;
    const url = new URL(path, server);
    const text = body === undefined ? undefined : JSON.stringify(body);
    const all = {
      accept: 'application/json',
      ...(text !== undefined && { 'content-type': type, 'content-length': String(Buffer.byteLength(text)) }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    };
    const options = { method, agent: this.agent, headers: all, timeout: 60_000 };
    return new Promise((resolve, reject) => {
      const outgoing = (url.protocol === 'http:' ? plainRequest : request)(url, options, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const answer = parsed(Buffer.concat(chunks).toString());
          resolve({ status: incoming.statusCode ?? 0, body: answer, warnings: warningsOf(incoming.rawHeaders) });
        });
      });
      outgoing.on('timeout', () => outgoing.destroy(new Error('no answer within 60 s')));
      outgoing.on('error', reject);
      outgoing.end(text);
    });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** `299 - "unknown field \"spec.x\""`, one header each (RFC 9111, section 5.5 of RFC 7234). */
function warningsOf(rawHeaders: readonly string[]): readonly string[] {
  return rawHeaders.flatMap((name, index) => {
    if (index % 2 === 1 || name.toLowerCase() !== 'warning') return [];
    const value = rawHeaders[index + 1] ?? '';
    const quoted = /^\d{3} \S+ "((?:[^"\\]|\\.)*)"/.exec(value)?.[1];
    return [quoted === undefined ? value : quoted.replace(/\\(.)/g, '$1')];
  });
}

function unreachable(server: string, error: unknown): AshlarError {
  return clusterError({
    code: 'cluster-unreachable',
    message: 'The API server does not answer.',
    got: `${server}: ${error instanceof Error ? error.message || error.name : String(error)}`,
    allowed: 'an API server that runs and is reached from here',
    fix: 'Check that the cluster runs and that the kubeconfig points at it.',
  });
}
