import type { IConstruct } from 'constructs';
import { constructWith } from '../model/kind';
import { relation } from '../model/relation';
import type { AccessFacts } from './stores/store';

/** What a program may read. */
const SOURCE = constructWith<IConstruct & { readonly keys: readonly string[] } & { readonly engine: string }>(
  'a configuration, a Secret or a store',
  'the construct itself, such as the Config limits',
  ({ keys, engine }) => Array.isArray(keys) || typeof engine === 'string',
);

/** A workload reads: a configuration (its variables or files), or a store (an account that cannot write). */
export const Reads = relation<IConstruct, IConstruct, AccessFacts>('reads', () => '', SOURCE);
