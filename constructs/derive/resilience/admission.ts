import { capability } from '../../model/capability';
import type { BulkheadFacts } from './facts';

/** The capability of limiting what each of its pods takes in. */
export const Admission = capability<BulkheadFacts>('admission');
