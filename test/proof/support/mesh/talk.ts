import { createServer } from 'node:http';
import { createServer as createHttp2Server, connect as connectHttp2 } from 'node:http2';
import http from 'node:http';
import type net from 'node:net';

/** What an application saw. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** An application behind a proxy, whose behaviour a proof chooses. */
export interface App {
  seen: Seen[];
  /** HTTP status, or status of gRPC, of the next answers. */
  answer: (seen: Seen) => number;
  /** Milliseconds before an answer. */
  delayMs: number;
  /** Headers and body of the next answers. */
  reply: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string };
}

/** An answer to a call. */
export interface Answer {
  /** HTTP status. */
  readonly status: number;
  /** One character a byte. */
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Status of gRPC, where that was spoken. */
  readonly grpc?: number;
  readonly ms: number;
}

/** How a call is made. */
export interface Request {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * Options of servers behind a proxy. Node's end a connection that nobody used for 5 s (`keepAliveTimeout`), and a request that
 * the proxy has just sent on it is answered with 503, "connection termination". These leave the end to the proxy.
 */
export const STAYS_OPEN = { keepAliveTimeout: 0 } as const;

/** An application that speaks HTTP. */
export function httpServer(app: App): net.Server {
  const server = createServer(STAYS_OPEN, (request, response) => {
    const seen = { method: request.method ?? '', url: request.url ?? '', headers: request.headers };
    app.seen.push(seen);
    request.resume();
    const { headers = {}, body = '' } = app.reply;
    setTimeout(() => response.writeHead(app.answer(seen), headers).end(body), app.delayMs);
  });
  return server;
}

/** An application that speaks gRPC: its answer is a status of gRPC. */
export function grpcServer(app: App): net.Server {
  const server = createHttp2Server();
  server.on('stream', (stream, headers) => {
    const seen = { method: 'POST', url: headers[':path'] ?? '', headers };
    app.seen.push(seen);
    stream.on('error', () => undefined);
    setTimeout(() => {
      if (stream.destroyed) return;
      const status = app.answer(seen);
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': String(status === 200 ? 0 : status) },
        { endStream: true },
      );
    }, app.delayMs);
  });
  return server;
}

/** Sends a request over a connection that is opened for it. */
export function askHttp(open: () => net.Socket, host: string, request: Request): Promise<Answer> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const { path: url = '/', method = 'GET', headers = {}, body: sentBody = '' } = request;
    const options = { path: url, method, headers: { host, connection: 'close', ...headers }, createConnection: open };
    const sent = http.request(options, (response) => {
      const body: Buffer[] = [];
      response.on('data', (chunk: Buffer) => body.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          body: Buffer.concat(body).toString('latin1'),
          headers: response.headers,
          ms: performance.now() - start,
        }),
      );
    });
    sent.on('error', reject);
    sent.end(sentBody);
  });
}

/** Calls a method over a connection. */
export function askGrpc(socket: net.Socket, host: string, method: string): Promise<Answer> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const session = connectHttp2(`http://${host}`, { createConnection: () => socket });
    session.on('error', reject);
    const stream = session.request({
      ':method': 'POST',
      ':path': method,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    let headers: Record<string, unknown> = {};
    stream.on('response', (given) => (headers = given));
    stream.on('trailers', (given) => (headers = { ...headers, ...given }));
    stream.on('error', reject);
    stream.on('end', () => {
      session.close();
      resolve({
        status: Number(headers[':status']),
        grpc: Number(headers['grpc-status']),
        body: '',
        headers: headers as Answer['headers'],
        ms: performance.now() - start,
      });
    });
    stream.resume();
    stream.end();
  });
}
