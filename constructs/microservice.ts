import type { Construct } from 'constructs';
import { AdoptedService, type WorkloadLike } from './adopted-service';
import type { ContainerProps } from './container';
import { Delivery } from './derive/rollout/facts';
import type { WorkloadFacts } from './derive/workload';
import { kindOf, problemsOfValue, soundOf } from './kinds';
import { given } from './model/given';
import { declare, report } from './model/recorder';
import { POD_PROPS, podFacts, type PodProps } from './pod-props';
import { Rollout } from './rollout';
import { SCALE, type Scale } from './scale';
import { Service } from './service';
import { Shutdown } from './shutdown';
import { problemOfChoice, unknownProps } from './values';

/** What a microservice is told. */
export interface MicroserviceProps extends ContainerProps, PodProps {
  /**
   * How many pods, or between which numbers they follow the load.
   * @defaultValue 1 pod in development, 2 in staging, 3 in production
   */
  readonly scale?: Scale;
  /**
   * How long a pod drains and then finishes.
   * @defaultValue by the setting `shutdown`: 5 s to drain where it listens, 30 s to finish
   */
  readonly shutdown?: Shutdown;
  /** How strictly pods are spread over zones. @defaultValue required in production, preferred elsewhere */
  readonly spread?: 'preferred' | 'required';
  /** How a new version takes over, where the environment has somebody who does it. @defaultValue pod by pod */
  readonly rollout?: Rollout;
}

/**
 * A service: one program, one image, any number of pods. From its facts and its calls follow the Deployment, the
 * Services, an identity, a disruption budget, a scaler where its scale may move, and a network policy that admits
 * exactly its declared callers.
 *
 * The failure that it prevents: eight objects that must agree on a name, a port and a label, written by hand.
 *
 * Errors: `bad-name`, `duplicate-name`, `port-out-of-range`, `bad-port-name`, `out-of-range`, `request-above-limit`,
 * `unknown-port`, `two-writers`, `bad-value`, `unknown-prop`, `bad-weights`, `bad-header`.
 *
 * @example
 * ```ts
 * const payments = new Microservice(billing, 'payments', { image: 'ghcr.io/acme/payments:2.3.1', ports: { grpc: 9090 } });
 * const orders = new Microservice(ordering, 'orders', { image: 'ghcr.io/acme/orders:1.4.2', ports: { http: 8080 } });
 * orders.calls(payments, { env: 'PAYMENTS_ADDR' });
 * ```
 */
export class Microservice extends Service {
  constructor(scope: Construct, id: string, props: MicroserviceProps) {
    super(scope, id, (service) => workloadFacts(service, props));
    const strategy = soundOf(props.rollout, ROLLOUT)?.factsAt(this);
    if (strategy === undefined) return;
    const { name, namespace, container } = this.workloadFacts;
    declare(this, Delivery, { name, namespace, ports: container.ports, strategy });
  }

  /**
   * Lets a workload that the team wrote with cdk8s-plus-27 (Deployment, StatefulSet) take part: it is called, calls
   * and reads like any other. Its manifest stays its own; addresses, configuration and labels are added.
   */
  static fromWorkload(workload: WorkloadLike): Service {
    return new AdoptedService(workload);
  }
}

const ROLLOUT = kindOf(Rollout, 'Rollout.canary({ weights: [5, 25, 50] })');
const SHUTDOWN = kindOf(Shutdown, 'Shutdown.graceful({ drain: Duration.seconds(5) })');

const PROPS: Readonly<Record<keyof MicroserviceProps, true>> = {
  ...POD_PROPS,
  ports: true,
  health: true,
  scale: true,
  shutdown: true,
  spread: true,
  rollout: true,
};

function workloadFacts(service: Construct, props: MicroserviceProps): WorkloadFacts {
  const problems = [
    ...problemsOfValue('scale', props.scale, SCALE),
    ...problemsOfValue('shutdown', props.shutdown, SHUTDOWN),
    ...problemsOfValue('rollout', props.rollout, ROLLOUT),
    ...unknownProps(props, PROPS),
    ...problemOfChoice('spread', props.spread, ['preferred', 'required']),
  ];
  for (const problem of problems) report(service, problem);
  return {
    ...podFacts(service, props),
    strategy: 'rolling',
    ...given({
      scale: soundOf(props.scale, SCALE)?.facts,
      shutdown: soundOf(props.shutdown, SHUTDOWN)?.facts,
      spread: props.spread,
    }),
  };
}
