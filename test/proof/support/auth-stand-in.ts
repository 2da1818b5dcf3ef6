import { createServer, type IncomingHttpHeaders } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { serveGrpc, type StandIn } from './grpc-stand-in';
import { STAYS_OPEN } from './mesh/talk';
import { messagesIn, readMessage, textIn, writeMessage, type Fields } from './protobuf';

/** What an authorizer was shown of a request. */
export interface Shown {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** An authorizer that lets in who shows `letmein` in the cookie, and tells the service that it is `ann`. */
export interface AuthStandIn extends StandIn {
  readonly shown: Shown[];
  /** Milliseconds before an answer over HTTP. */
  delayMs: number;
}

/** Header by which the service is told who calls. */
export const WHO = 'x-who';

const isKnown = ({ headers }: Shown): boolean => headers['cookie'] === 'pass=letmein';

/** Speaks `envoy.service.auth.v3.Authorization` (envoy/service/auth/v3/external_auth.proto). */
export async function grpcAuthorizer(): Promise<AuthStandIn> {
  const shown: Shown[] = [];
  const standIn = await serveGrpc('/envoy.service.auth.v3.Authorization/Check', (bytes) => {
    const one = shownIn(readMessage(bytes));
    shown.push(one);
    return isKnown(one) ? ALLOWED : DENIED;
  });
  return { ...standIn, shown, delayMs: 0 };
}

function shownIn(request: Fields): Shown {
  const [http] = [1, 4, 2].reduce<readonly Fields[]>(
    (at, number) => at.flatMap((one) => messagesIn(one, number)),
    [request],
  );
  const headers = http === undefined ? [] : messagesIn(http, 3);
  return {
    method: textIn(http, 2),
    path: textIn(http, 4),
    headers: Object.fromEntries(headers.map((entry) => [textIn(entry, 1), textIn(entry, 2)])),
  };
}

/** `google.rpc.Status.code` 0, and `OkHttpResponse` with a header; or 7 (permission denied) and `DeniedHttpResponse`. */
const header = (name: string, value: string): Buffer => writeMessage([1, writeMessage([1, name], [2, value])]);
const ALLOWED = writeMessage([1, writeMessage([1, 0])], [3, writeMessage([2, header(WHO, 'ann')])]);
const DENIED = writeMessage([1, writeMessage([1, 7])], [2, writeMessage([1, writeMessage([1, 403])], [3, 'not you'])]);

/** Answers 200, or 302 to a page for those whom it does not know, as oauth2-proxy does. */
export async function httpAuthorizer(): Promise<AuthStandIn> {
  const shown: Shown[] = [];
  const server = createServer(STAYS_OPEN, (request, response) => {
    const { method = '', url: path = '', headers } = request;
    const one = { method, path, headers: textsOf(headers) };
    shown.push(one);
    const [status, more] = isKnown(one)
      ? [200, { [WHO]: 'ann', 'x-other': 'kept back', 'set-cookie': 'pass=letmein; Secure' }]
      : [302, { location: 'https://login.example.com/' }];
    setTimeout(() => response.writeHead(status, more).end(), standIn.delayMs);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = (): void => {
    server.closeAllConnections();
    server.close();
  };
  const standIn = { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, stop, shown, delayMs: 0 };
  return standIn;
}

function textsOf(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
