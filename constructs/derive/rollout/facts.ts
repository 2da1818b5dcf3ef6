import { capability } from '../../model/capability';
import type { PortFacts } from '../endpoint';
import type { ContainerFacts, EnvPart } from '../pod';

/** How a service is released. Plain data; what is left out is not asked for. */
export interface DeliveryFacts {
  /** Name of its objects. */
  readonly name: string;
  /** Namespace of its objects. */
  readonly namespace: string;
  /** What it listens on. */
  readonly ports: readonly PortFacts[];
  /** In which way. */
  readonly strategy: StrategyFacts;
}

/** In steps by weight, or at once with both versions standing. */
export type StrategyFacts = CanaryFacts | BlueGreenFacts;

/** A new version gets more and more of the requests. */
export interface CanaryFacts {
  /** Tells it from other ways. */
  readonly kind: 'canary';
  /** Percent of the requests, in rising order, 1 to 99. */
  readonly weights: readonly number[];
  /** Seconds at each weight. */
  readonly holdSeconds: number;
  /** What has to be so meanwhile. @defaultValue nothing */
  readonly verify?: VerifyFacts;
  /** Requests that go to the new version from the first step on. @defaultValue none */
  readonly testers?: TestersFacts;
  /** Who lets it go to all requests after the last weight. */
  readonly promote: 'automatic' | 'manual';
}

/** Requests of testers, by a header and its value. */
export interface TestersFacts {
  /** Its name, in lower case. */
  readonly header: string;
  /** What it has to be. */
  readonly value: string;
}

/** A new version stands beside the old one, and then takes over all requests at once. */
export interface BlueGreenFacts {
  /** Tells it from other ways. */
  readonly kind: 'blue-green';
  /** What has to be so before the switch. @defaultValue nothing */
  readonly verify?: VerifyFacts;
  /** What has to be so after it. @defaultValue nothing */
  readonly verifyAfter?: VerifyFacts;
  /** Seconds that the old one stands after the switch. */
  readonly keepOldSeconds: number;
  /** Who switches. */
  readonly promote: 'automatic' | 'manual';
  /** Earlier versions to which one goes back at once, without verification. */
  readonly rollbackWindow: number;
  /** Requests that go to the new version before the switch. @defaultValue none */
  readonly testers?: TestersFacts;
}

/** What a version is judged by. */
export interface VerifyFacts {
  /** Figures that the mesh measures. @defaultValue none */
  readonly metrics?: MetricsFacts;
  /** A test that ends well. @defaultValue none */
  readonly job?: VerifyJobFacts;
}

/** What is measured, and how often. */
export interface MetricsFacts {
  /** Least share of requests that end without an error of the server, in percent. */
  readonly successPercent?: number;
  /** Most milliseconds within which the share of requests is answered. */
  readonly latency?: { readonly percentile: number; readonly underMs: number };
  /** Seconds between two measurements. */
  readonly everySeconds: number;
  /** Seconds that each looks back. */
  readonly windowSeconds: number;
  /** Measurements that may fail. */
  readonly failures: number;
}

/** A container that ends well, or not. */
export interface VerifyJobFacts {
  /** What runs. */
  readonly container: ContainerFacts;
  /** Its own variables; the address of the version comes by itself. */
  readonly env: readonly EnvPart[];
  /** Most seconds that it may take. */
  readonly deadlineSeconds: number;
}

/** The capability of being released in a way of one's own. */
export const Delivery = capability<DeliveryFacts>('delivery');

/** A run that tests one version of a service. */
export interface VerificationFacts {
  /** Service that leads to that version. */
  readonly target: string;
}

/** The capability of testing a version: whoever performs the release starts it, so that nobody else does. */
export const Verification = capability<VerificationFacts>('verification');
