import type { Construct } from 'constructs';
import { AdoptedService, type WorkloadLike } from './adopted-service';
import { besideParts, containerFacts, envParts, type ContainerProps } from './container';
import type { MountFacts } from './derive/pod';
import { selectorOf } from './derive/pod-template';
import type { WorkloadFacts } from './derive/workload';
import type { Directory } from './directory';
import { given } from './model/given';
import type { Problem } from './model/finding';
import { report } from './model/recorder';
import { namespaceOf } from './namespace';
import type { Scale } from './scale';
import { Service } from './service';
import type { Shutdown } from './shutdown';
import { problemOfChoice, problemsOfUser, unknownProps } from './values';

/** What a microservice is told. */
export interface MicroserviceProps extends ContainerProps {
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
  /** Directories that it writes to or reads from; the rest of its file system is read-only. @defaultValue none */
  readonly directories?: readonly Directory[];
  /** Containers that start before it and end after it (native sidecars), by name. @defaultValue none */
  readonly sidecars?: Readonly<Record<string, ContainerProps>>;
  /** Containers that end before it starts, by name. @defaultValue none */
  readonly initContainers?: Readonly<Record<string, ContainerProps>>;
  /** User that it runs as; not 0. @defaultValue by the setting `user`: 1000 */
  readonly user?: number;
  /** How strictly pods are spread over zones. @defaultValue required in production, preferred elsewhere */
  readonly spread?: 'preferred' | 'required';
}

/**
 * A service: one program, one image, any number of pods. From its facts and its calls follow the Deployment, the
 * Services, an identity, a disruption budget, a scaler where its scale may move, and a network policy that admits
 * exactly its declared callers.
 *
 * The failure that it prevents: eight objects that must agree on a name, a port and a label, written by hand.
 *
 * Errors: `bad-name`, `duplicate-name`, `port-out-of-range`, `bad-port-name`, `out-of-range`, `request-above-limit`,
 * `unknown-port`, `two-writers`.
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
  }

  /**
   * Lets a workload that the team wrote with cdk8s-plus-27 (Deployment, StatefulSet) take part: it is called, calls
   * and reads like any other. Its manifest stays its own; addresses, configuration and labels are added.
   */
  static fromWorkload(workload: WorkloadLike): Service {
    return new AdoptedService(workload);
  }
}

const PROPS: Readonly<Record<keyof MicroserviceProps, true>> = {
  image: true,
  command: true,
  args: true,
  env: true,
  ports: true,
  health: true,
  resources: true,
  scale: true,
  shutdown: true,
  directories: true,
  sidecars: true,
  initContainers: true,
  user: true,
  spread: true,
};

function workloadFacts(service: Service, props: MicroserviceProps): WorkloadFacts {
  const { id: name } = service.node;
  const problems = [
    ...(props.scale?.problems ?? []),
    ...(props.shutdown?.problems ?? []),
    ...problemsOfUser(props.user),
    ...unknownProps(props, PROPS),
    ...problemOfChoice('spread', props.spread, ['preferred', 'required']),
  ];
  for (const problem of [...problems, ...problemsOfMounts(props)]) report(service, problem);
  return {
    name,
    namespace: namespaceOf(service),
    selector: selectorOf(name),
    container: containerFacts(service, name, props),
    strategy: 'rolling',
    ...given({ scale: props.scale?.facts, shutdown: props.shutdown?.facts, spread: props.spread, user: props.user }),
    mountsToken: false,
    env: envParts(service, props.env),
    volumes: (props.directories ?? []).map(({ facts }) => facts),
    beside: [...besideParts(service, 'sidecar', props.sidecars), ...besideParts(service, 'init', props.initContainers)],
    claims: [],
  };
}

/** A directory is shared with containers that are there. */
function problemsOfMounts({
  directories = [],
  sidecars = {},
  initContainers = {},
}: MicroserviceProps): readonly Problem[] {
  const known = Object.keys({ ...sidecars, ...initContainers });
  const mounts = directories.flatMap(({ facts }) => facts.mounts);
  return [...problemsOfPaths(mounts), ...problemsOfContainers(mounts, known)];
}

function problemsOfPaths(mounts: readonly MountFacts[]): readonly Problem[] {
  return mounts
    .filter(({ path }) => !path.startsWith('/'))
    .map(({ path }) => ({
      code: 'relative-path',
      message: 'A directory is mounted at a path that is not absolute.',
      field: 'directories',
      got: path,
      allowed: 'a path such as /var/cache',
      fix: 'Start it with a slash.',
    }));
}

function problemsOfContainers(mounts: readonly MountFacts[], known: readonly string[]): readonly Problem[] {
  return mounts
    .flatMap(({ container }) => container ?? [])
    .filter((container) => !known.includes(container))
    .map((container) => ({
      code: 'unknown-container',
      message: `A directory is shared with the container ${container}, which is not there.`,
      field: 'directories',
      got: container,
      allowed: known.join(', ') || 'nothing: it has no sidecars and no init containers',
      fix: 'Correct the name, or add the container.',
    }));
}
