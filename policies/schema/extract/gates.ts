/**
 * Feature gates of a Kubernetes release: since which minor version each is on by default. Source: the versioned
 * tables in `pkg/features/kube_features.go` of k8s.io/kubernetes and k8s.io/apiserver, which keep a gate's whole
 * history for as long as it can still be switched.
 */
import * as fs from 'node:fs';
import { NEVER } from '../encoding';

/** Minor version since which a gate is on by default (`NEVER` where it is still off), by gate. */
export type Gates = ReadonlyMap<string, number>;

const ENTRY = /^\t(?:\w+\.)?(\w+): \{\n((?:\t\t\{.*\},?.*\n)+)\t\},/gm;
const STAGE = /version\.MustParse\("1\.(\d+)"\), Default: (true|false)/g;

/** Reads the gates of the given files. A gate that is not found was removed: it is on everywhere. */
export function readGates(files: readonly string[]): Gates {
  const gates = new Map<string, number>();
  for (const file of files) {
    for (const [, gate, body] of fs.readFileSync(file, 'utf8').matchAll(ENTRY)) gates.set(gate!, onSince(body!));
  }
  if (gates.size < 50) throw new Error(`expected the gates of a release in ${files.join(', ')}, got ${gates.size}`);
  return gates;
}

/** A gate may have been switched off again: what counts is the start of the last time that it is on. */
function onSince(body: string): number {
  let since = NEVER;
  for (const [, minor, on] of body.matchAll(STAGE)) {
    if (on === 'false') since = NEVER;
    else if (since === NEVER) since = Number(minor);
  }
  return since;
}
