import type { IConstruct } from 'constructs';
import { relation } from '../model/relation';
import type { AccessFacts } from './stores/store';

/** A workload reads: a configuration (its variables or files), or a store (an account that cannot write). */
export const Reads = relation<IConstruct, IConstruct, AccessFacts>('reads', () => '');
