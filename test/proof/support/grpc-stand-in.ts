import * as grpc from '@grpc/grpc-js';

/** A server of one method of gRPC that runs in this process. */
export interface StandIn {
  /** `host:port`. */
  readonly address: string;
  /** It is away from now on. */
  stop(): void;
}

/** Serves a method by its path: `/envoy.service.auth.v3.Authorization/Check`. */
export async function serveGrpc(path: string, answer: (request: Buffer) => Buffer): Promise<StandIn> {
  const server = new grpc.Server();
  const bytes = (value: Buffer): Buffer => value;
  const definition = {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: bytes,
    requestDeserialize: bytes,
    responseSerialize: bytes,
    responseDeserialize: bytes,
  } as const;
  const handle: grpc.handleUnaryCall<Buffer, Buffer> = ({ request }, reply) => reply(null, answer(request));
  server.addService({ answer: definition }, { answer: handle });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return { address: `127.0.0.1:${port}`, stop: () => server.forceShutdown() };
}
