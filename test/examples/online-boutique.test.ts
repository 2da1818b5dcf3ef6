import path from 'node:path';
import { loadEnvironment, makePlan } from 'ashlar/charts';
import type { KubeObject, Plan } from 'ashlar';
import shop from '../../examples/online-boutique/platform';
import facts from '../support/online-boutique.json';

const ENVIRONMENTS = path.join(__dirname, '../../examples/online-boutique/environments');

interface Fact {
  readonly image: string;
  readonly containerPorts: readonly number[];
  readonly services: readonly ServiceFact[];
  readonly env: Readonly<Record<string, string>>;
  readonly resources: object;
  readonly readiness: object | null;
  readonly liveness: object | null;
  readonly volumes: readonly { readonly name: string; readonly emptyDir?: object }[];
  readonly mounts: readonly { readonly mountPath: string; readonly name: string }[];
  readonly runAsUser: number;
}

interface ServiceFact {
  readonly name: string;
  readonly type: string;
  readonly ports: readonly { readonly name: string; readonly port: number; readonly targetPort: number }[];
}

interface Deployed {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly securityContext: { readonly runAsUser: number };
        readonly volumes?: readonly object[];
        readonly containers: readonly {
          readonly image: string;
          readonly ports?: readonly { readonly containerPort: number }[];
          readonly env?: readonly { readonly name: string; readonly value: string }[];
          readonly resources: object;
          readonly readinessProbe?: object;
          readonly livenessProbe?: object;
          readonly volumeMounts?: readonly { readonly mountPath: string }[];
        }[];
      };
    };
  };
}

/** Kinds of what runs a service: a Rollout where new versions take over step by step. */
const WORKLOADS = ['Deployment', 'Rollout'];

const workloads = Object.entries(facts.workloads as unknown as Readonly<Record<string, Fact>>);
const plans: Readonly<Record<string, Plan>> = Object.fromEntries(
  ['dev', 'staging', 'prod'].map((name) => [name, makePlan(shop, loadEnvironment(shop, ENVIRONMENTS, name))]),
);

function named(plan: Plan, kind: string, name: string): KubeObject | undefined {
  return plan.objects.find(({ manifest }) => manifest.kind === kind && manifest.metadata.name === name)?.manifest;
}

/** `cartservice.cart.svc:7070` is `cartservice:7070` of the original. */
function withoutNamespace(address: string): string {
  return address.replace(/^([a-z-]+)\.[a-z-]+\.svc(:\d+)$/, '$1$2');
}

describe.each(['dev', 'staging', 'prod'])('Online Boutique in %s', (environment) => {
  const plan = plans[environment] as Plan;
  const expected = workloads.filter(([name]) => environment !== 'prod' || name !== 'loadgenerator');

  const hasGateway = environment !== 'dev';

  test('has exactly the workloads of the facts, and the gateway in front of them', () => {
    const deployed = plan.objects.filter(({ manifest }) => WORKLOADS.includes(manifest.kind));
    expect(deployed.map(({ manifest }) => manifest.metadata.name).sort()).toEqual(
      [...expected.map(([name]) => name), ...(hasGateway ? ['ingress'] : [])].sort(),
    );
  });

  test('has nothing wrong with it', () => {
    // Development does without a mesh, and says so.
    expect(plan.findings.filter(({ code }) => hasGateway || code !== 'mesh-cannot')).toEqual([]);
  });

  describe.each(expected)('%s', (name, fact) => {
    const workload = WORKLOADS.map((kind) => named(plan, kind, name)).find((one) => one !== undefined);
    const pod = (workload as unknown as Deployed).spec.template.spec;
    const [container] = pod.containers;

    test('runs the image as the user, on the ports', () => {
      expect(container?.image).toBe(fact.image);
      expect(pod.securityContext.runAsUser).toBe(fact.runAsUser);
      expect(container?.ports?.map(({ containerPort }) => containerPort) ?? []).toEqual(fact.containerPorts);
    });

    test('gets the variables, addresses with their namespace', () => {
      const env = Object.fromEntries((container?.env ?? []).map((one) => [one.name, withoutNamespace(one.value)]));
      expect(env).toEqual(fact.env);
    });

    test('has the resources and the probes', () => {
      expect(container?.resources).toEqual(fact.resources);
      expect(container?.readinessProbe ?? null).toEqual(fact.readiness);
      expect(container?.livenessProbe ?? null).toEqual(fact.liveness);
    });

    test('mounts what the original mounts', () => {
      for (const { mountPath } of fact.mounts) {
        expect(container?.volumeMounts).toContainEqual(expect.objectContaining({ mountPath }));
      }
    });

    test('is served as the original is', () => {
      for (const service of fact.services) {
        // The way in from outside is the gateway, and nobody gets around it.
        if (service.name === 'frontend-external') continue;
        const made = named(plan, 'Service', service.name) as
          { readonly spec?: { type: string; ports: readonly object[] } } | undefined;
        expect(made?.spec?.type).toBe(service.type);
        const ports = service.ports.map(
          ({ port, targetPort }) => expect.objectContaining({ port, targetPort }) as object,
        );
        expect(made?.spec?.ports).toEqual(ports);
      }
    });
  });
});

test.each(['staging', 'prod'])('the gateway is the one way in from outside in %s', (environment) => {
  const { objects } = plans[environment] as Plan;
  const open = objects.filter(({ manifest }) => /"type":"(LoadBalancer|NodePort)"/.test(JSON.stringify(manifest)));
  expect(open.map(({ manifest }) => `${manifest.kind}/${manifest.metadata.name}`)).toEqual(['Service/ingress']);
});

test('the load generator stays out of production, and so does its way to the frontend', () => {
  expect(named(plans['prod'] as Plan, 'Deployment', 'loadgenerator')).toBeUndefined();
  expect(JSON.stringify(named(plans['prod'] as Plan, 'NetworkPolicy', 'frontend'))).not.toContain('loadgenerator');
  expect(JSON.stringify(named(plans['dev'] as Plan, 'NetworkPolicy', 'frontend'))).toContain('loadgenerator');
});
