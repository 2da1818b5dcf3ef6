import * as pulumi from '@pulumi/pulumi';
import type { PlannedObject } from '../constructs/model/plan';
import { logicalName, type Resources } from './register';

interface ServiceSpec {
  readonly type?: string;
  readonly ports?: readonly { readonly name?: string; readonly port: number }[];
}

interface Status {
  readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[] };
}

/**
 * Addresses of the Services, by `namespace/name`: from outside where a load balancer has one, else in the cluster. With
 * several ports, one entry a port: `ordering/orders:http`.
 */
export function endpointsOf(
  objects: readonly PlannedObject[],
  resources: Resources,
): Readonly<Record<string, pulumi.Output<string>>> {
  const services = objects.filter(({ manifest }) => manifest.kind === 'Service' && manifest.apiVersion === 'v1');
  return Object.fromEntries(
    services.flatMap((service) => {
      const { type, ports = [] } = (service.manifest['spec'] ?? {}) as ServiceSpec;
      const name = logicalName(service.manifest);
      const host = type === 'LoadBalancer' ? outsideOf(service, resources) : insideOf(service);
      return ports.map(({ name: port, port: number }) => {
        const key = ports.length > 1 && port !== undefined ? `${name}:${port}` : name;
        return [key, pulumi.interpolate`${host}:${number}`] as const;
      });
    }),
  );
}

function insideOf({ manifest }: PlannedObject): string {
  return `${manifest.metadata.name}.${manifest.metadata.namespace ?? 'default'}.svc`;
}

/** A load balancer that nobody has given an address yet is reached in the cluster only. */
function outsideOf(service: PlannedObject, resources: Resources): pulumi.Output<string> {
  const resource = resources.get(service.key) as unknown as { readonly status: pulumi.Output<Status | undefined> };
  return pulumi.output(resource.status).apply((status) => {
    const [first] = status?.loadBalancer?.ingress ?? [];
    return first?.hostname ?? first?.ip ?? insideOf(service);
  });
}
