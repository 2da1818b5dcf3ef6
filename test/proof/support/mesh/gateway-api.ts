import type { KubeObject, Plan } from 'ashlar';

/** What istiod makes of the Gateway `shop/edge`: a Deployment and a Service of the name of the gateway and of the class. */
export function podsOfGateway(): readonly KubeObject[] {
  const labels = { 'gateway.networking.k8s.io/gateway-name': 'edge', 'sidecar.istio.io/inject': 'true' };
  const annotations = { 'inject.istio.io/templates': 'gateway' };
  const ports = [8080, 8443].map((containerPort) => ({ containerPort }));
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'edge-istio', namespace: 'shop' },
      spec: {
        template: {
          metadata: { labels, annotations },
          spec: { serviceAccountName: 'edge-istio', containers: [{ name: 'istio-proxy', ports }] },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'edge-istio', namespace: 'shop' },
      spec: {
        selector: { 'gateway.networking.k8s.io/gateway-name': 'edge' },
        ports: [
          { name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' },
          { name: 'https', port: 443, targetPort: 8443, protocol: 'TCP' },
        ],
      },
    },
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'GatewayClass',
      metadata: { name: 'istio' },
      spec: { controllerName: 'istio.io/gateway-controller' },
    },
  ];
}

/** A plan with what istiod makes of its Gateway `shop/edge`. */
export function deployed(plan: Plan): Plan {
  const [first] = plan.objects;
  if (first === undefined) throw new Error('The plan is empty.');
  return { ...plan, objects: [...plan.objects, ...podsOfGateway().map((manifest) => ({ ...first, manifest }))] };
}
