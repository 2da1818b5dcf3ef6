import { byText } from '../constructs/model/order';
import type { Plan } from '../constructs/model/plan';
import { findEnd, listed, podPort, servicePorts, workloadsOf, type PodsOutside, type WorkloadPods } from './ends';
import { NetworkPolicies, type End, type Flow, type Verdict } from './network-policies';

/** What was asked about a plan, and what its policies answer. */
export interface TrafficAnswer {
  /** Undefined: the question names what is not there. */
  readonly allowed: boolean | undefined;
  /** For people; made when asked for. */
  explain(): string;
}

/** Asks whether the policies of a plan let one end reach a port of the other. */
export function askTraffic(
  plan: Plan,
  from: string | PodsOutside,
  to: string | PodsOutside,
  port: number,
  protocol?: string,
): TrafficAnswer {
  const workloads = workloadsOf(plan);
  const sender = findEnd(workloads, from);
  const receiver = findEnd(workloads, to);
  const problems = [sender, receiver].flatMap((found) => ('problem' in found ? [found.problem] : []));
  if ('problem' in sender || 'problem' in receiver) return unanswered([...new Set(problems)].join('\n\n'));
  if ('address' in sender.end && 'address' in receiver.end) {
    return unanswered(
      'Both ends are addresses outside the cluster, where no policy holds. Name a workload as one of them.',
    );
  }
  const meant = podPort(plan, receiver.end, port);
  const flow: Flow = { from: sender.end, to: receiver.end, port: meant.port, protocol: protocol ?? meant.protocol };
  const policies = new NetworkPolicies(plan.objects.map(({ manifest }) => manifest));
  const question: Question = { plan, workloads, policies, flow, from: sender.shown, to: receiver.shown };
  return { allowed: policies.allow(flow), explain: () => explain(question) };
}

function unanswered(problem: string): TrafficAnswer {
  return { allowed: undefined, explain: () => problem };
}

interface Question {
  readonly plan: Plan;
  readonly workloads: readonly WorkloadPods[];
  readonly policies: NetworkPolicies;
  readonly flow: Flow;
  readonly from: string;
  readonly to: string;
}

function explain(question: Question): string {
  const { policies, flow, from, to } = question;
  const allowed = policies.allow(flow);
  const told = [
    `${from} ${allowed ? 'reaches' : 'does not reach'} ${to} on port ${flow.port}/${flow.protocol}.`,
    `  out of ${from}: ${sideText(flow.from, policies.leaving(flow))}`,
    `  into ${to}: ${sideText(flow.to, policies.entering(flow))}`,
  ];
  return [...told, ...(allowed ? [] : ['', ...instead(question)])].join('\n');
}

function sideText(end: End, { allowed, selectedBy, allowedBy }: Verdict): string {
  if ('address' in end) return 'outside the cluster, no policy holds';
  if (selectedBy.length === 0) return 'open, no NetworkPolicy selects it';
  const by = (allowed ? allowedBy : selectedBy).join(', ');
  return allowed ? `allowed by NetworkPolicy ${by}` : `denied, none of its NetworkPolicies has a rule for this: ${by}`;
}

/** What does pass, so that the reader sees whether the test or the program is wrong. */
function instead({ plan, workloads, policies, flow, from, to }: Question): readonly string[] {
  const reached = workloads.flatMap((other) =>
    portsBetween(policies, flow.from, other).map((port) => `${other.name} on ${port}`),
  );
  const blocks = 'address' in flow.from ? [] : policies.blocksOpenTo(flow.from);
  const sent = `${from} reaches: ${listed([...reached, ...blocks])}`;
  if ('address' in flow.to) return [sent];
  const callers = workloads.flatMap((other) =>
    portsBetween(policies, other, flow.to).map((port) => `${other.name} on ${port}`),
  );
  return [`${to} listens on: ${listed(listening(plan, flow.to))}`, sent, `${to} is reached by: ${listed(callers)}`];
}

/** The declared ports of the receiver that a sender reaches. */
function portsBetween(policies: NetworkPolicies, from: End, to: End): readonly string[] {
  if ('address' in to) return [];
  const open = to.ports.filter(({ containerPort, protocol = 'TCP' }) =>
    policies.allow({ from, to, port: containerPort, protocol }),
  );
  return open.map(({ containerPort, protocol = 'TCP' }) => `${containerPort}/${protocol}`);
}

/** `8080/TCP (http, Service port 80)` */
function listening(plan: Plan, to: Exclude<End, { address: string }>): readonly string[] {
  const served = servicePorts(plan, to);
  return to.ports
    .map(({ name, containerPort, protocol = 'TCP' }) => {
      const behind = served.filter(
        ({ targetPort, port }) => (targetPort ?? port) === containerPort || targetPort === name,
      );
      const others = [...new Set(behind.map(({ port }) => port))].filter((port) => port !== containerPort);
      const notes = [...(name === undefined ? [] : [name]), ...others.map((port) => `Service port ${port}`)];
      return `${containerPort}/${protocol}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`;
    })
    .sort(byText);
}
