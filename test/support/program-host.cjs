/**
 * Runs programs one after the other, each by the SDK's own host of inline programs, outside of jest: a promise that a
 * program does not handle would fail jest's test. Started by recording-engine.ts, which asks over IPC.
 */
'use strict';
const { LanguageServer } = require('@pulumi/pulumi/automation/server');
const language = require('@pulumi/pulumi/proto/language_pb');

process.on('unhandledRejection', () => undefined);
process.on('message', ({ file, request }) => {
  const host = new LanguageServer(async () => require(file));
  const run = language.RunRequest.deserializeBinary(Buffer.from(request, 'base64'));
  let isTold = false;
  // After an error the SDK calls back a second time, without one.
  void host.run({ request: run }, (error, response) => {
    if (isTold) return;
    isTold = true;
    // What failed last is told after this turn.
    setTimeout(() => process.send({ error: error?.message ?? response?.getError() ?? '' }), 20);
  });
});
