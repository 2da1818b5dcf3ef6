import { setTimeout as sleep } from 'node:timers/promises';
import {
  BoundedContext,
  CircuitBreaker,
  Duration,
  Failover,
  LoadBalancing,
  Microservice,
  Percent,
  Retry,
  Rollout,
  Scale,
  definePlatform,
  type CallOptions,
  type KubeObject,
} from 'ashlar';
import { planOf } from '../support/plans';
import { meshProof, render, type EnvoyJson, type ProxyConfig } from './support/mesh/engine';
import { Lab } from './support/mesh/lab';
import { place, type Place } from './support/mesh/placed';
import { meshed } from './support/mesh/plans';

const image = 'registry.example.com/it:1';
const RATES = 'callees/rates';

const at = (region: string, zone: string): Place => ({ region, zone: `${region}-${zone}` });
const A = at('west', 'a');
const B = at('west', 'b');

/** Seven pods in three zones of one region, and one in each of two others. */
const PODS = [A, A, A, A, B, B, at('west', 'c'), at('east', 'a'), at('north', 'a')];

const opening = (open: Duration, percent = 100) =>
  CircuitBreaker.consecutiveErrors(3, { open, maxEjected: Percent.of(percent) });
const quick = opening(Duration.seconds(1));
const slow = opening(Duration.minutes(5));

const definition = definePlatform('proof', (platform) => {
  const callers = new BoundedContext(platform, 'callers', { team: 'a' });
  const callees = new BoundedContext(platform, 'callees', { team: 'b' });
  const rates = new Microservice(callees, 'rates', { image, ports: { http: 8080 }, scale: Scale.fixed(9) });
  const backup = new Microservice(callees, 'backup', { image, ports: { http: 9090 } });
  const asking = (id: string, options: CallOptions) =>
    new Microservice(callers, id, { image }).calls(rates, { timeout: Duration.seconds(2), ...options });
  const zones = Failover.zones();
  asking('near', { circuitBreaker: quick, failover: zones });
  for (const id of ['steady', 'patient']) asking(id, { circuitBreaker: slow, failover: zones });
  // Four of nine are 44.4 %.
  asking('enough', { circuitBreaker: opening(Duration.minutes(5), 45), failover: zones });
  asking('scarce', { circuitBreaker: opening(Duration.minutes(5), 44), failover: zones });
  asking('plain', { circuitBreaker: quick });
  asking('stranded', { circuitBreaker: quick, failover: zones });
  asking('stubborn', { circuitBreaker: slow, failover: zones, retry: Retry.attempts(2).on('5xx') });
  asking('regional', { circuitBreaker: slow, failover: Failover.regions({ west: 'north', east: 'west' }) });
  asking('keyed', { circuitBreaker: quick, failover: zones, loadBalancing: LoadBalancing.byHeader('x-user') });
  asking('once', { circuitBreaker: slow, failover: zones, retry: Retry.attempts(1).on('5xx') });
  asking('bereft', { circuitBreaker: slow, failover: zones, retry: Retry.attempts(2).on('connect-failure') });
  asking('backed', { circuitBreaker: slow, failover: zones.thenTo(backup) });
  asking('assured', { circuitBreaker: slow, failover: zones.thenTo(backup), retry: Retry.attempts(2).on('5xx') });
  asking('rated', {
    circuitBreaker: CircuitBreaker.failureRate(Percent.of(50), {
      within: Duration.seconds(1),
      open: Duration.minutes(5),
      minimumRequests: 5,
      maxEjected: Percent.of(100),
    }),
    failover: zones,
  });
});

meshProof('zones and regions through live proxies', () => {
  let lab: Lab;
  beforeAll(async () => {
    const nearA = ['near', 'steady', 'patient', 'enough', 'scarce', 'plain', 'regional', 'backed', 'rated'];
    const callers = [...nearA, 'stubborn', 'once', 'assured', 'bereft'];
    lab = new Lab(meshed(definition), {
      places: {
        [RATES]: PODS,
        ...Object.fromEntries(callers.map((id) => [`callers/${id}`, [A]])),
        'callers/keyed': [A, B],
        'callers/stranded': [at('west', 'd')],
      },
    });
    await lab.start(...lab.configs.keys());
  }, 120_000);
  afterAll(() => lab.stop());
  beforeEach(() => {
    lab.reset((key) => ({ body: key }));
  });

  const keyOf = (index: number): string => (index === 0 ? RATES : `${RATES}/${index}`);
  const fail = (isUnwell: (place: Place, index: number) => boolean): void => {
    PODS.forEach((place, index) => (lab.app(keyOf(index)).answer = () => (isUnwell(place, index) ? 503 : 200)));
  };
  /** How many answers came from where: `west-a`, or the key of a standby; those that failed under their status. */
  const answers = async (caller: string, count: number, user = 'x'): Promise<Record<string, number>> => {
    const found: Record<string, number> = {};
    for (let sent = 0; sent < count; sent += 1) {
      const { status, body } = await lab.call(`callers/${caller}`, RATES, 8080, { headers: { 'x-user': user } });
      const from = status === 200 ? (lab.pod(body).place?.zone ?? body) : String(status);
      found[from] = (found[from] ?? 0) + 1;
    }
    return found;
  };
  /** Waits until a proxy has seen enough errors, and acts upon all of them: of changes within a second it takes the last. */
  const unwell = async (caller: string, isUnwell: (place: Place, index: number) => boolean): Promise<void> => {
    fail(isUnwell);
    for (let round = 0; round < 3; round += 1) {
      await answers(caller, 60);
      await sleep(1200);
    }
  };
  const zonesOf = (found: Record<string, number>): readonly string[] => Object.keys(found).sort();
  const inA = ({ zone }: Place): boolean => zone === A.zone;
  const inWest = ({ region }: Place): boolean => region === 'west';

  test('requests stay in the zone of the pod that calls', async () => {
    expect(await answers('near', 200)).toEqual({ 'west-a': 200 });
    expect(await answers('keyed/1', 50)).toEqual({ 'west-b': 50 });
    expect(await answers('rated', 50)).toEqual({ 'west-a': 50 });
  });

  test('a caller in a zone without endpoints asks those of other zones', async () => {
    expect(zonesOf(await answers('stranded', 100))).toEqual(['west-a', 'west-b', 'west-c']);
  });

  test('where nothing is said of zones, a breaker prefers none', async () => {
    expect(zonesOf(await answers('plain', 300))).toEqual(['east-a', 'north-a', 'west-a', 'west-b', 'west-c']);
  });

  test('while a zone is unwell the others of the region answer, each pod alike, and nobody else', async () => {
    fail(inA);
    const start = performance.now();
    let last = start;
    while (performance.now() - last < 1500) {
      const { status } = await lab.call('callers/steady', RATES, 8080);
      if (status !== 200) last = performance.now();
    }
    // Of what happens within a second after a change the proxy takes the end.
    expect(last - start).toBeLessThan(2500);
    expect(Object.values(await lab.stats('callers/steady', /cluster_updated_via_merge/))[0]).toBeGreaterThan(0);
    const found = await answers('steady', 300);
    expect(zonesOf(found)).toEqual(['west-b', 'west-c']);
    expect(Math.abs((found['west-b'] ?? 0) / 300 - 2 / 3)).toBeLessThan(0.12);
  });

  test('of requests that are sent again twice none is lost with a zone: the last attempt leaves it', async () => {
    fail(inA);
    for (const caller of ['stubborn', 'assured'])
      expect(zonesOf(await answers(caller, 200))).toEqual(['west-b', 'west-c']);
    // One more attempt stays in the zone, until all of it is left alone.
    expect((await answers('once', 50))['503']).toBeGreaterThan(0);
  });

  test('when it is well again, requests come back', async () => {
    /** Asks until it is so: what is open for a second may be closed again whenever somebody looks. */
    const until = async (isSo: (found: Readonly<Record<string, number>>) => boolean): Promise<boolean> => {
      for (let tries = 0; tries < 80; tries += 1) {
        if (isSo(await answers('near', 20))) return true;
        await sleep(250);
      }
      return false;
    };
    fail(inA);
    expect(await until((found) => 'west-b' in found)).toBe(true);
    fail(() => false);
    expect(await until((found) => found['west-a'] === 20)).toBe(true);
    expect(await answers('near', 100)).toEqual({ 'west-a': 100 });
  }, 60_000);

  test('a zone of which three of four are well keeps all; of two of four it gives three in ten away', async () => {
    await unwell('patient', (_, index) => index < 1);
    expect(await answers('patient', 200)).toEqual({ 'west-a': 200 });
    await unwell('patient', (_, index) => index < 2);
    const found = await answers('patient', 1000);
    expect(zonesOf(found)).toEqual(['west-a', 'west-b', 'west-c']);
    // Two of four with the factor 140 %: 70 %.
    expect(Math.abs((found['west-a'] ?? 0) / 1000 - 0.7)).toBeLessThan(0.06);
  }, 60_000);

  test('a breaker has to be let leave a whole zone alone', async () => {
    await unwell('enough', inA);
    expect(zonesOf(await answers('enough', 200))).toEqual(['west-b', 'west-c']);
    await unwell('scarce', inA);
    // One of four is always asked: 25 % with the factor 140 %.
    const failed = (await answers('scarce', 500))['503'] ?? 0;
    expect(Math.abs(failed / 500 - 0.35)).toBeLessThan(0.09);
  }, 60_000);

  test('a breaker on a rate leaves a zone alone, too', async () => {
    await unwell('rated', inA);
    expect(zonesOf(await answers('rated', 100))).toEqual(['west-b', 'west-c']);
  }, 60_000);

  test('when a region is unwell, the one that was named comes next, and then the others', async () => {
    await unwell('regional', inWest);
    expect(await answers('regional', 100)).toEqual({ 'north-a': 100 });
    await unwell('regional', ({ region }) => region !== 'east');
    expect(await answers('regional', 100)).toEqual({ 'east-a': 100 });
  }, 60_000);

  test('where none was named, all other regions come alike', async () => {
    await unwell('steady', inWest);
    expect(zonesOf(await answers('steady', 100))).toEqual(['east-a', 'north-a']);
  }, 60_000);

  test('a standby comes after all zones and regions', async () => {
    expect(await answers('backed', 100)).toEqual({ 'west-a': 100 });
    await unwell('backed', inA);
    expect(zonesOf(await answers('backed', 100))).toEqual(['west-b', 'west-c']);
    for (const caller of ['backed', 'assured']) {
      await unwell(caller, () => true);
      expect(await answers(caller, 100)).toEqual({ 'callees/backup': 100 });
    }
  }, 60_000);

  test('one value of a header leads to one endpoint of each zone', async () => {
    const endpointsOf = async (caller: string, user: string): Promise<readonly string[]> => {
      const headers = { 'x-user': user };
      const ask = () => lab.call(`callers/${caller}`, RATES, 8080, { headers });
      const all = [await ask(), await ask(), await ask(), await ask()];
      return [...new Set(all.map(({ body }) => body))];
    };
    const seen = new Set<string>();
    for (const user of ['ada', 'bob', 'cyd', 'dan', 'eve', 'fay', 'gus', 'hal']) {
      const [near = '', ...others] = await endpointsOf('keyed', user);
      const [far = '', ...more] = await endpointsOf('keyed/1', user);
      expect([others, more]).toEqual([[], []]);
      expect([lab.pod(near).place, lab.pod(far).place]).toEqual([A, B]);
      seen.add(near);
    }
    expect(seen.size).toBeGreaterThan(1);
  });

  test('pods that are gone are left in the same way', async () => {
    expect(await answers('bereft', 50)).toEqual({ 'west-a': 50 });
    for (const [index, pod] of PODS.entries()) if (inA(pod)) await lab.stopPod(keyOf(index));
    expect(zonesOf(await answers('bereft', 200))).toEqual(['west-b', 'west-c']);
  });
});

meshProof('places, as istiod tells proxies of them', () => {
  type Options = Pick<CallOptions, 'failover'>;
  type Changed = (object: KubeObject) => KubeObject;
  const chosen = (name: string) => ({ name, options: {}, at: 'environments/prod.yaml:1:1' });
  const planIn = (mesh: string, options: Options) =>
    planOf(
      (platform) => {
        const callers = new BoundedContext(platform, 'callers', { team: 'a' });
        const callees = new BoundedContext(platform, 'callees', { team: 'b' });
        const rollout = Rollout.canary({ weights: [10, 50] });
        const rates = new Microservice(callees, 'rates', { image, ports: { http: 8080 }, rollout });
        new Microservice(callers, 'near', { image }).calls(rates, { circuitBreaker: quick, ...options });
      },
      { environment: { zones: ['a', 'b'], backEnds: { mesh: chosen(mesh), rollout: chosen('argo-rollouts') } } },
    );
  /** Which zones come first, second and third for a proxy, for each host of the callee that it knows. */
  const orderFor = (key: string, options: Options, { mesh = 'istio-sidecar', where = A, change = same } = {}) => {
    const places = { [key]: [where], [RATES]: [A, B, at('east', 'a')] };
    const placed = place(planIn(mesh, options), places);
    const { proxies, problems } = render(placed.objects.map(change), [placed.proxyOf(placed.pods.get(key)!)]);
    expect(problems).toEqual([]);
    const found = (proxies[0] as ProxyConfig).endpoints.filter(({ clusterName }) => /rates/.test(String(clusterName)));
    return Object.fromEntries(
      found.map(({ clusterName, endpoints }) => [
        /[^|.]+(?=\.callees)/.exec(String(clusterName))?.[0],
        endpoints.map(({ locality, priority = 0 }: EnvoyJson) => `${priority} ${locality.zone}`).sort(),
      ]),
    ) as Readonly<Record<string, readonly string[]>>;
  };
  const same: Changed = (object) => object;
  /** What a rule says of places, changed by hand. */
  const saying =
    (text: string): Changed =>
    (object) =>
      JSON.parse(JSON.stringify(object).replaceAll('"localityLbSetting":{"enabled":false}', text)) as KubeObject;
  const zones = { failover: Failover.zones() };

  test('each host of a callee in two versions is ordered alike', () => {
    const order = ['0 west-a', '1 west-b', '2 east-a'];
    const found = orderFor('callers/near', zones);
    expect(found).toEqual({ rates: order, 'rates-stable': order, 'rates-canary': order });
  });

  test('where a rule says nothing of places, Istio orders them for every breaker', () => {
    const { rates } = orderFor('callers/near', {});
    expect(rates).toEqual(['0 east-a', '0 west-a', '0 west-b']);
    const byItself = orderFor('callers/near', {}, { change: saying('') });
    expect(byItself['rates']).toEqual(['0 west-a', '1 west-b', '2 east-a']);
  });

  test('at a waypoint its own place counts, wherever the caller is', () => {
    const change = saying('"localityLbSetting":{"enabled":true}');
    const { rates } = orderFor('callees/waypoint', {}, { mesh: 'istio-ambient', where: B, change });
    expect(rates).toEqual(['0 west-b', '1 west-a', '2 east-a']);
  });
});
