import {
  ApiGateway,
  Bulkhead,
  ExternalService,
  Microservice,
  Percent,
  Phase,
  Rollout,
  Scale,
  StranglerFig,
  type Auth,
  type MoveOptions,
  type Plan,
  type StranglerFigProps,
} from 'ashlar';
import { blocksOf, gatewayPlan, image, open, timeout, type GatewayPlanOptions, type Made } from '../support/gateways';
import { codesOf, objectOf } from '../support/plans';
import { toldBy } from '../support/told';

type Say = (fig: StranglerFig, made: Made & { readonly monolith: Microservice }) => void;

/** The plan of a fig around a service of the platform. */
function figPlan(say: Say, more: GatewayPlanOptions & { readonly fig?: Partial<StranglerFigProps> } = {}): Plan {
  const { fig, ...rest } = more;
  return gatewayPlan((made) => {
    const monolith = new Microservice(made.context, 'monolith', { image, ports: { http: 8080, admin: 9090 } });
    const props = { gateway: made.edge, legacy: monolith, port: 'http', ...open, ...fig };
    say(new StranglerFig(made.context, 'checkout', props), { ...made, monolith });
  }, rest);
}

const MONOLITH = { host: 'monolith.shop.svc.cluster.local', port: { number: 8080 } };
const ORDERS = { host: 'orders.shop.svc.cluster.local', port: { number: 8080 } };
const reads = { methods: ['GET'] } as const;

test('each path goes where its phase says, and the rest to the old one', () => {
  const plan = figPlan((fig, { orders }) =>
    fig
      .moves('/facade', orders, Phase.facade())
      .moves('/shadow', orders, Phase.shadow(Percent.of(50)), reads)
      .moves('/weighted', orders, Phase.weighted(Percent.of(30)))
      .moves('/moved', orders, Phase.moved()),
  );
  expect(codesOf(plan)).toEqual([]);
  const said = blocksOf(plan).map(({ name, route, mirrors }) => ({
    name,
    route,
    ...(mirrors !== undefined && { mirrors }),
  }));
  expect(said).toEqual([
    {
      name: 'monolith:/weighted',
      route: [
        { destination: MONOLITH, weight: 70 },
        { destination: ORDERS, weight: 30 },
      ],
    },
    { name: 'monolith:/facade', route: [{ destination: MONOLITH }] },
    {
      name: 'monolith:/shadow:GET',
      route: [{ destination: MONOLITH }],
      mirrors: [{ destination: ORDERS, percentage: { value: 50 } }],
    },
    { name: 'orders:/moved', route: [{ destination: ORDERS }] },
    { name: 'monolith:/', route: [{ destination: MONOLITH }] },
  ]);
});

test('the new service admits the gateway from the first copy on, and not before', () => {
  const admits = (phase: Phase): boolean => {
    const plan = figPlan((fig, { orders }) => fig.moves('/orders', orders, phase, reads));
    return plan.objects.some(
      ({ manifest: { kind, metadata, spec } }) =>
        kind === 'AuthorizationPolicy' && metadata.name === 'orders' && JSON.stringify(spec).includes('/sa/edge'),
    );
  };
  expect([Phase.facade(), Phase.shadow(), Phase.weighted(Percent.of(1)), Phase.moved()].map(admits)).toEqual([
    false,
    true,
    true,
    true,
  ]);
});

test('what is said of the whole holds for each path, unless the path says otherwise', () => {
  const plan = figPlan((fig, { orders }) =>
    fig.moves('/a', orders, Phase.moved(), { timeout }).moves('/b', orders, Phase.weighted(Percent.of(5))),
  );
  expect(blocksOf(plan).map(({ timeout: time }) => time)).toEqual(['5s', '5s', '5s']);
  const silent = figPlan(() => undefined, { fig: { auth: undefined as unknown as Auth } });
  expect(codesOf(silent)).toEqual(['no-auth']);
});

test('the root itself can move', () => {
  const plan = figPlan((fig, { orders }) => fig.moves('/', orders, Phase.moved()));
  expect(blocksOf(plan).map(({ name }) => name)).toEqual(['orders:/']);
});

test('weights are whole percents between 0 and 100, and copies are at least one', () => {
  for (const weight of [0, 100, -1]) {
    const plan = figPlan((fig, { orders }) => fig.moves('/orders', orders, Phase.weighted(Percent.of(weight))));
    expect([weight, codesOf(plan)]).toEqual([weight, ['out-of-range']]);
  }
  const half = figPlan((fig, { orders }) => fig.moves('/orders', orders, Phase.weighted(Percent.of(12.5))));
  expect(codesOf(half)).toContain('out-of-range');
  const plan = figPlan((fig, { orders }) => fig.moves('/orders', orders, Phase.shadow(Percent.of(0)), reads));
  expect(codesOf(plan)).toEqual(['out-of-range']);
});

test('a path has one phase, but its methods may have one each', () => {
  const twice = figPlan((fig, { orders }) =>
    fig.moves('/orders', orders, Phase.moved()).moves('/orders', orders, Phase.facade()),
  );
  expect(codesOf(twice)).toEqual(['path-twice']);
  const parts = figPlan((fig, { orders }) =>
    fig.moves('/orders', orders, Phase.moved(), reads).moves('/orders', orders, Phase.facade()),
  );
  expect(codesOf(parts)).toEqual([]);
  expect(blocksOf(parts).map(({ name }) => name)).toEqual(['orders:/orders:GET', 'monolith:/orders', 'monolith:/']);
});

test('a path that the gateway leads elsewhere is found', () => {
  const same = figPlan((fig, { edge, orders }) => {
    fig.moves('/orders', orders, Phase.moved());
    edge.route('/orders', orders, { ...open, ...reads });
  });
  expect(codesOf(same)).toEqual(['path-routed-elsewhere']);
  const all = figPlan((fig, { edge, orders, monolith }) => {
    fig.moves('/orders', orders, Phase.moved());
    edge.route('/orders', monolith, { ...open, port: 'http' });
  });
  expect(codesOf(all)).toEqual(['route-shadowed']);
});

test('a route of the gateway beside a phase is told, wherever both lead', () => {
  const beside = (phase: Phase, leads: 'to the old one' | 'to the new one'): readonly string[] =>
    codesOf(
      figPlan((fig, { edge, orders, monolith }) => {
        fig.moves('/orders', orders, phase);
        if (leads === 'to the new one') edge.route('/orders', orders, open);
        else edge.route('/orders', monolith, { ...open, port: 'http' });
      }),
    );
  expect(beside(Phase.weighted(Percent.of(30)), 'to the old one')).toEqual(['route-shadowed']);
  expect(beside(Phase.facade(), 'to the old one')).toEqual(['route-shadowed']);
  expect(beside(Phase.moved(), 'to the new one')).toEqual(['route-shadowed']);
});

test.each<[string, Phase, Phase]>([
  ['more than all', Phase.weighted(Percent.of(60)), Phase.weighted(Percent.of(60))],
  ['less than all', Phase.weighted(Percent.of(30)), Phase.weighted(Percent.of(30))],
  ['copies and shares', Phase.shadow(), Phase.weighted(Percent.of(30))],
  ['nothing and a share', Phase.facade(), Phase.weighted(Percent.of(30))],
])('a path has one phase in all figs of a gateway: %s', (_, one, two) => {
  const plan = (path: string): Plan =>
    figPlan((fig, { context, edge, orders, monolith }) => {
      fig.moves('/orders', orders, one, reads);
      const other = new Microservice(context, 'other', { image, ports: { http: 8080 } });
      const second = new StranglerFig(context, 'second', { gateway: edge, legacy: monolith, port: 'http', ...open });
      second.moves(path, other, two, reads);
    });
  expect(plan('/orders').findings).toMatchObject([
    { code: 'path-twice', path: 'shop/shop/second', got: 'shop/shop/checkout moves it, too' },
  ]);
  expect(codesOf(plan('/carts'))).toEqual([]);
});

test('figs of two gateways have paths of their own', () => {
  const plan = figPlan((fig, { context, orders, monolith }) => {
    fig.moves('/orders', orders, Phase.moved());
    const gateway = new ApiGateway(context, 'side', { hosts: ['side.example.com'] });
    new StranglerFig(context, 'second', { gateway, legacy: monolith, port: 'http', ...open }).moves(
      '/orders',
      orders,
      Phase.moved(),
    );
  });
  expect(codesOf(plan)).toEqual([]);
});

test('a route beside several that move is told where it takes requests of one of them', () => {
  const plan = figPlan((fig, { edge, orders }) => {
    fig.moves('/orders', orders, Phase.moved(), reads).moves('/orders', orders, Phase.facade(), { methods: ['POST'] });
    edge.route('/orders', orders, { ...open, methods: ['POST', 'PUT'] });
  });
  expect(codesOf(plan)).toContain('path-routed-elsewhere');
});

test('a path does not move to the legacy itself', () => {
  const plan = figPlan((fig, { monolith }) => fig.moves('/orders', monolith, Phase.moved(), { port: 'http' }));
  expect(toldBy(plan)).toEqual(['bad-value checkout moves /orders: service: shop/shop/monolith, which is the legacy']);
});

test('copies of what changes something are told, and paths stay as they are', () => {
  const plan = figPlan((fig, { orders }) => fig.moves('/orders', orders, Phase.shadow()));
  expect(codesOf(plan)).toEqual(['shadow-writes']);
  const rewrite = { rewrite: '/' } as MoveOptions;
  expect(codesOf(figPlan((fig, { orders }) => fig.moves('/o', orders, Phase.moved(), rewrite)))).toEqual([
    'no-rewrite',
  ]);
});

test('what is decommissioned has no route, and whoever needs it is told', () => {
  const gone = figPlan((fig, { orders }) => fig.moves('/orders', orders, Phase.decommissioned()));
  expect(codesOf(gone)).toEqual([]);
  expect(blocksOf(gone).map(({ name }) => name)).toEqual(['orders:/orders']);
  const needed = figPlan((fig, { orders, edge, monolith }) => {
    fig
      .moves('/orders', orders, Phase.decommissioned())
      .moves('/carts', orders, Phase.weighted(Percent.of(90)))
      .moves('/bills', orders, Phase.moved());
    edge.route('/old', monolith, { ...open, port: 'http' });
    orders.calls(monolith, { port: 'http', timeout });
  });
  const found = needed.findings.filter(({ code }) => code === 'legacy-in-use').map(({ got }) => got);
  expect(found).toEqual([
    '/carts in the phase weighted',
    expect.stringMatching(/^orders\.calls\(monolith\) at /),
    expect.stringMatching(/^the route \/carts of .*edge at .*strangler-fig\.test\.ts/),
    expect.stringMatching(/^the route \/old of .*edge at .*strangler-fig\.test\.ts/),
  ]);
});

test('a host outside is found under every name that the program has for it', () => {
  const plan = gatewayPlan(({ context, edge, orders }) => {
    const outside = (id: string, host: string) => ExternalService.of(context, id, { host });
    new StranglerFig(context, 'checkout', {
      gateway: edge,
      legacy: outside('old', 'legacy.example.com'),
      ...open,
    }).moves('/orders', orders, Phase.decommissioned());
    orders.calls(outside('reports', 'LEGACY.example.com'), { port: 'https' });
  });
  expect(codesOf(plan)).toEqual(['legacy-in-use']);
});

test.each(['istio-sidecar', 'none'])(
  'a host outside is asked by its own name, over TLS that is checked, with mesh %s',
  (mesh) => {
    const plan = gatewayPlan(
      ({ context, edge, orders }) => {
        const legacy = ExternalService.of(context, 'old', { host: 'legacy.example.com' });
        new StranglerFig(context, 'checkout', { gateway: edge, legacy, ...open }).moves(
          '/orders',
          orders,
          Phase.weighted(Percent.of(30)),
        );
      },
      { mesh },
    );
    expect(codesOf(plan)).toEqual([]);
    expect(blocksOf(plan)[0]?.['route']).toEqual([
      {
        destination: { host: 'legacy.example.com', port: { number: 443 } },
        weight: 70,
        headers: { request: { set: { host: 'legacy.example.com' } } },
      },
      { destination: ORDERS, weight: 30 },
    ]);
    expect(objectOf(plan, 'ServiceEntry/shop/shop-old')['spec']).toMatchObject({
      hosts: ['legacy.example.com'],
      exportTo: ['.'],
      resolution: 'DNS',
      ports: [{ number: 443, name: 'https', protocol: 'TLS' }],
    });
    expect(objectOf(plan, 'DestinationRule/shop/edge.shop-old')['spec'].trafficPolicy.portLevelSettings).toEqual([
      {
        port: { number: 443 },
        tls: {
          mode: 'SIMPLE',
          sni: 'legacy.example.com',
          subjectAltNames: ['legacy.example.com'],
          caCertificates: 'system',
        },
      },
    ]);
  },
);

test('the Gateway API has words for shares, and for copies where its implementation has them', () => {
  const say: Say = (fig, { orders }) =>
    fig
      .moves('/shadow', orders, Phase.shadow(Percent.of(50)), reads)
      .moves('/weighted', orders, Phase.weighted(Percent.of(30)));
  const portable = (implementation: string): Plan =>
    figPlan(say, { gateway: 'gateway-api', mesh: 'none', options: { implementation } });
  const plan = portable('istio');
  expect(codesOf(plan)).toEqual([]);
  const [weighted, shadow] = objectOf(plan, 'HTTPRoute/shop/edge-shop-monolith')['spec'].rules;
  expect(weighted.backendRefs).toEqual([
    { name: 'monolith', port: 8080, weight: 70 },
    { name: 'orders', port: 8080, weight: 30 },
  ]);
  expect(shadow.filters).toEqual([
    { type: 'RequestMirror', requestMirror: { backendRef: { name: 'orders', port: 8080 }, percent: 50 } },
  ]);
  expect(shadow.backendRefs).toEqual([{ name: 'monolith', port: 8080 }]);
  const told = portable('kong').findings.filter(
    ({ code, message }) => code === 'gateway-cannot' && /mirror/.test(message),
  );
  expect(told.map(({ field }) => field)).toEqual(['route /shadow GET']);
  expect(told[0]?.allowed).toContain('istio');
});

test('the load of copies counts against what the new service admits', () => {
  const plan = figPlan((fig, { context, monolith }) => {
    const scale = { image, ports: { http: 8080 }, scale: Scale.fixed(2) };
    const small = new Microservice(context, 'small', scale).admits(Bulkhead.of({ maxRequests: 10 }));
    monolith.admits(Bulkhead.of({ maxRequests: 100 }));
    fig.moves('/orders', small, Phase.shadow(Percent.of(50)), reads);
  });
  const [found] = plan.findings.filter(({ code }) => code === 'pools-above-admission');
  expect(found).toMatchObject({ allowed: '20: 2 pods x 10' });
  expect(found?.got).toMatch(/^shop\/edge copies of shop\/monolith \d+ x 100 x 50 %: \d+ requests$/);
});

const rollout = { name: 'argo-rollouts', options: {}, at: 'environments/test.yaml:3:1' };
const canary = Rollout.canary({ weights: [10, 50] });

test('a path that is shared, and a service that is there in two versions, are not shared at once', () => {
  const found = (phase: Phase): readonly string[] => {
    const say: Say = (fig, { context }) => {
      const props = { image, ports: { http: 8080 }, scale: Scale.fixed(3), rollout: canary };
      fig.moves('/carts', new Microservice(context, 'carts', props), phase);
    };
    const plan = figPlan(say, { environment: { backEnds: { rollout } } });
    return plan.findings.filter(({ code }) => code === 'split-twice').map(({ got = '' }) => got);
  };
  expect(found(Phase.weighted(Percent.of(10)))).toEqual([
    expect.stringMatching(/^shop\/shop\/carts in two versions, on the route at .*strangler-fig\.test\.ts/),
  ]);
  expect(found(Phase.moved())).toEqual([]);
});

describe('what was given wrongly is told once, at the fig', () => {
  const twoMoves: Say = (fig, { orders }) =>
    fig.moves('/a', orders, Phase.moved()).moves('/b', orders, Phase.facade(), { timeout: undefined as never });
  const ofFig = (fig: object, say = twoMoves): readonly string[] => toldBy(figPlan(say, { fig }));

  test('what is wrong for all paths is not told again for each', () => {
    expect(ofFig({ timeout: 5 })).toEqual(['bad-value checkout timeout: 5']);
    expect(ofFig({ timeuot: 5 })).toEqual(['unknown-prop checkout timeuot: timeuot']);
    expect(ofFig({ auth: 'none' })).toEqual(['bad-value checkout auth: "none"']);
    expect(ofFig({ legacy: 'old' })).toEqual(['bad-value checkout legacy: "old"']);
    expect(ofFig({ gateway: 'edge' })).toEqual(['bad-value checkout gateway: "edge"']);
  });

  test('a fig that does not say who gets through is told with its place, and with its one auth', () => {
    const { findings } = figPlan(twoMoves, { fig: { auth: undefined as unknown as Auth } });
    expect(findings).toHaveLength(1);
    expect(findings[0]?.got).toMatch(/^nothing at .*checkout \(strangler-fig\.test\.ts:\d+:\d+\)$/);
    expect(findings[0]?.fix).toContain('new StranglerFig(');
  });

  test('a move of something else than a service, a phase or options', () => {
    const moved = (...move: readonly unknown[]): readonly string[] =>
      ofFig({}, (fig, { orders }) => {
        const [path, service = orders, phase = Phase.moved(), options] = move;
        fig.moves(path as string, service as Microservice, phase as Phase, options as MoveOptions);
      });
    expect(moved('/q', undefined, 'moved')).toEqual(['bad-value checkout moves /q: phase: "moved"']);
    expect(moved('/q', 'orders')).toEqual(['bad-value checkout moves /q: service: "orders"']);
    expect(moved('/q', 'orders', 'moved')).toHaveLength(2);
    expect(moved(7)).toContain('bad-path checkout moves 7: path: 7');
    expect(moved('/q', undefined, undefined, 'GET')).toEqual(['bad-value checkout moves /q: options: "GET"']);
    expect(moved('/q', undefined, undefined, { methods: 'GET', cors: 'x', maxRequest: 5, rateLimit: 9 })).toEqual([
      'bad-value checkout moves /q: cors: "x"',
      'bad-value checkout moves /q: maxRequest: 5',
      'bad-value checkout moves /q: methods: "GET"',
      'bad-value checkout moves /q: rateLimit: 9',
    ]);
  });

  test('what is an option of the fig, and of no path', () => {
    const { findings } = figPlan((fig, { orders, monolith }) => {
      const options = { legacy: monolith, gateway: 1, tymeout: 3 } as MoveOptions;
      fig.moves('/q', orders, Phase.moved(), options);
    });
    expect(findings.map(({ code, got }) => `${code} ${got}`)).toEqual([
      'unknown-prop gateway',
      'unknown-prop legacy',
      'unknown-prop tymeout',
    ]);
    for (const { allowed } of findings) expect(allowed).not.toMatch(/gateway|legacy|rewrite|backendTls/);
  });

  test('a phase of a number, or of half a percent', () => {
    const phased = (phase: Phase): readonly string[] =>
      ofFig({}, (fig, { orders }) => fig.moves('/q', orders, phase, reads));
    const number = 30 as unknown as Percent;
    expect(phased(Phase.weighted(number))).toEqual(['bad-value checkout moves /q GET: phase.weighted: 30']);
    expect(phased(Phase.shadow(number))).toEqual(['bad-value checkout moves /q GET: phase.shadow: 30']);
    expect(phased(Phase.weighted(Percent.of(12.5)))).toEqual([
      'out-of-range checkout moves /q GET: phase.weighted: 12.5 %',
    ]);
  });
});
