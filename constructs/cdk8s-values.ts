/**
 * `Duration` and `Size` of cdk8s, taken from their own two files and built into the kit: the whole of cdk8s takes a third
 * of a small program's time. Values of any copy of these classes are taken by shape.
 */
import type * as cdk8s from 'cdk8s';

/** A length of time: `Duration.seconds(5)`. The class of cdk8s. */
export const Duration: typeof cdk8s.Duration = (require('cdk8s/lib/duration') as typeof cdk8s).Duration;

/** A length of time. */
export type Duration = cdk8s.Duration;

/** An amount of memory or disk: `Size.mebibytes(64)`. The class of cdk8s. */
export const Size: typeof cdk8s.Size = (require('cdk8s/lib/size') as typeof cdk8s).Size;

/** An amount of memory or disk. */
export type Size = cdk8s.Size;
