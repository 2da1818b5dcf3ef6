import type { Construct, IConstruct } from 'constructs';
import type { PortFacts } from './derive/endpoint';
import type { WorkloadFacts } from './derive/workload';
import { isApiObject, type ApiObjectLike } from './model/adopted';
import { AshlarError, withoutConstruct } from './model/error';
import type { Problem } from './model/finding';
import { constructWith } from './model/kind';
import { printed } from './model/printed';
import { namespaceOf } from './namespace';
import { protocolOf } from './port';
import { Service } from './service';

/** A workload of cdk8s-plus-27, by shape. */
export interface WorkloadLike extends Construct {
  /** Name of its Kubernetes object, as cdk8s makes it: `orders`. */
  readonly name: string;
  /** Labels by which the object selects its pods. They become the selector of its Services and policies. */
  readonly matchLabels: Readonly<Record<string, string>>;
  /** Its containers, of which the first is the service itself. At least one: add them before it is taken in. */
  readonly containers: readonly ContainerLike[];
}

/** A container of cdk8s-plus-27 2.x, by shape. */
export interface ContainerLike {
  /** Name of the container in its pod: `orders`. */
  readonly name: string;
  /** Image with tag or digest: `ghcr.io/acme/orders:1.4.2`. */
  readonly image: string;
  /**
   * Ports that the process listens on, 1 to 65535. One without a name is called `port-8080`; one without a protocol is
   * TCP.
   */
  readonly ports: readonly { readonly number: number; readonly name?: string; readonly protocol?: string }[];
}

/** A service whose workload the team wrote itself. Made by `Microservice.fromWorkload`. */
export class AdoptedService extends Service {
  /** By which people and environment files know it. */
  readonly standsFor: WorkloadLike;

  constructor(workload: WorkloadLike) {
    if (!WORKLOAD.is(workload)) throw withoutConstruct(notAWorkload(printed(workload)), AdoptedService);
    super(workload, 'service', (service) => factsOf(service, workload));
    this.standsFor = workload;
  }
}

const WORKLOAD = constructWith<WorkloadLike>('a workload', 'new Deployment(...)', ({ containers }) =>
  Array.isArray(containers),
);

function notAWorkload(got: string): Problem {
  return {
    code: 'not-a-workload',
    message: 'Only a workload that has containers can be taken in.',
    got,
    allowed: 'a Deployment or StatefulSet of cdk8s-plus-27 with its containers added',
    fix: 'Add the containers before calling Microservice.fromWorkload.',
  };
}

function factsOf(service: Construct, workload: WorkloadLike): WorkloadFacts {
  const object = objectOf(workload);
  const [main] = workload.containers;
  if (object === undefined || main === undefined) {
    const got = `${workload.constructor.name} with ${workload.containers.length} containers`;
    throw new AshlarError({ ...notAWorkload(got), path: workload.node.path });
  }
  return {
    name: workload.name,
    namespace: namespaceOf(service),
    selector: workload.matchLabels,
    container: { name: main.name, image: main.image, ports: portsOf(main) },
    strategy: 'rolling',
    mountsToken: false,
    env: [],
    volumes: [],
    beside: [],
    claims: [],
    adopted: object,
  };
}

function objectOf(workload: IConstruct): ApiObjectLike | undefined {
  const child = workload.node.defaultChild ?? workload.node.children.find(isApiObject);
  return child !== undefined && isApiObject(child) ? child : undefined;
}

function portsOf({ ports }: ContainerLike): readonly PortFacts[] {
  return ports.map(({ number, name = `port-${number}`, protocol }) => ({
    name,
    number,
    containerPort: number,
    protocol: protocol === 'UDP' ? 'udp' : protocolOf(name),
  }));
}
