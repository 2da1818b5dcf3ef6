/** What users import in jest: plans of their platforms, matchers about them, and a snapshot serializer. */
import './jest-types';

export { synthesize, type ForEnvironment } from './synthesize';
export type { SynthesizeOptions } from '../charts/synthesize';
export { installMatchers, type ExpectLike } from './install';
export type { DiffLabels, MatcherAnswer, MatcherContext } from './context';
export { planMatchers, type PlanMatchers, type TrafficEnd } from './matchers';
export type { PodsOutside } from './ends';
export { planSerializer, type PlanSerializer } from './serializer';
