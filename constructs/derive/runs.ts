import { hash } from 'node:crypto';
import type { IConstruct } from 'constructs';
import { rule, type Derived, type RuleFinding } from '../model/extension';
import { given } from '../model/given';
import type { Graph } from '../model/graph';
import { LABEL_PREFIX } from './labels';
import type { RenderedPod } from './pod-template';
import { Deadline, Retries, Suspended, TimeZone, type RunFacts, type ScheduleFacts } from './run';
import { Verification } from './rollout/facts';
import { Workload, metadataOf, runOf, type WorkloadFacts } from './workload';

/** Characters of the checksum in the name of a Job: 40 bits, enough to tell a handful of versions apart. */
const CHECKSUM_LENGTH = 10;

/** Label of a task's Jobs, by which those of all versions are found. The Jobs of a schedule are its CronJob's. */
export const TASK_LABEL = `${LABEL_PREFIX}/task`;

/** A Job or CronJob (Kubernetes 1.36, batch/v1). */
export function renderRun(
  graph: Graph,
  construct: IConstruct,
  facts: WorkloadFacts,
  run: RunFacts,
  { template, sources }: RenderedPod,
): Derived {
  const metadata = metadataOf(construct, facts);
  // Left out where nothing is suspended, so that applying again does not start what somebody stopped by hand.
  const suspend = graph.setting(Suspended, construct) ? { suspend: true } : {};
  const fixed = renderFixed(facts, run, template);
  const job = { ...renderFree(graph, construct, run), ...fixed };
  const apiVersion = 'batch/v1';
  if (run.schedule === undefined) {
    const name = `${facts.name}-${checksumOf(fixed)}`;
    const labels = { ...metadata.labels, [TASK_LABEL]: facts.name };
    const manifest = { apiVersion, kind: 'Job', metadata: { ...metadata, name, labels }, spec: { ...suspend, ...job } };
    return { scope: construct, sources, manifest };
  }
  const jobTemplate = { metadata: { labels: metadata.labels }, spec: job };
  const spec = { ...renderSchedule(graph, construct, run.schedule), ...suspend, jobTemplate };
  return { scope: construct, sources, manifest: { apiVersion, kind: 'CronJob', metadata, spec } };
}

/** What may change while the Job is there. */
function renderFree(graph: Graph, construct: IConstruct, run: RunFacts): object {
  return {
    parallelism: run.parallelism,
    backoffLimit: graph.setting(Retries, construct, run.retries),
    activeDeadlineSeconds: graph.setting(Deadline, construct, run.deadlineSeconds),
    ...given({ ttlSecondsAfterFinished: run.deletedAfterSeconds }),
  };
}

/** What no update of a Job may change (k8s.io/kubernetes v1.36, `pkg/apis/batch/validation`, ValidateJobSpecUpdate). */
function renderFixed({ container }: WorkloadFacts, run: RunFacts, template: object): object {
  return {
    completions: run.completions,
    ...(run.completions > 1 && { completionMode: 'Indexed' }),
    podFailurePolicy: {
      rules: [
        // A pod that a drain or a preemption took has not failed: it does not count as a retry.
        { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
        ...(run.fatalExitCodes.length === 0 ? [] : [failOn(container.name, run.fatalExitCodes)]),
      ],
    },
    template,
  };
}

function failOn(containerName: string, values: readonly number[]): object {
  return { action: 'FailJob', onExitCodes: { containerName, operator: 'In', values } };
}

function renderSchedule(graph: Graph, construct: IConstruct, schedule: ScheduleFacts): object {
  return {
    schedule: schedule.cron,
    timeZone: graph.setting(TimeZone, construct, schedule.timeZone),
    concurrencyPolicy: schedule.concurrency,
    ...given({ suspend: schedule.onDemand }),
    ...given({ startingDeadlineSeconds: schedule.startingDeadlineSeconds }),
    successfulJobsHistoryLimit: schedule.keptSuccesses,
    failedJobsHistoryLimit: schedule.keptFailures,
  };
}

/** Of what is fixed, whatever the order of its fields: a Job that is called anew is run anew. */
function checksumOf(fixed: object): string {
  return hash('sha256', JSON.stringify(sorted(fixed))).slice(0, CHECKSUM_LENGTH);
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  const found: Record<string, unknown> = {};
  for (const key of inOrder(Object.keys(value))) found[key] = sorted((value as Readonly<Record<string, unknown>>)[key]);
  return found;
}

/** Most parts have few fields, in order by themselves; sorting makes lists of its own. */
function inOrder(keys: string[]): readonly string[] {
  return keys.every((key, index) => index === 0 || (keys[index - 1] as string) < key) ? keys : keys.sort();
}

/** Longest name of a Job: it is the value of a label on its pods (Kubernetes 1.36, core/v1). */
const MAX_JOB_NAME = 63;

/** What a Job's name adds to that of its task (a dash and a checksum) or of its schedule (a dash and a time). */
const JOB_SUFFIX = 11;

/** What cannot work, and what should not be forgotten. */
export const runRules = rule('runs', function* (graph): Iterable<RuleFinding> {
  for (const { construct, facts } of graph.having(Workload)) {
    const run = runOf(facts);
    if (run === undefined) continue;
    // The host name of a pod with an index ends with it.
    const index = run.completions > 1 ? `-${run.completions - 1}`.length : 0;
    const longest = MAX_JOB_NAME - JOB_SUFFIX - index;
    // Whoever performs a release names the Jobs that it starts.
    const isNamed = graph.facts(construct, Verification) === undefined;
    if (isNamed && facts.name.length > longest) {
      yield {
        at: construct,
        code: 'name-too-long',
        message: 'Its Jobs and pods would have names that are too long.',
        field: 'id',
        got: `${facts.name.length} characters`,
        allowed: `at most ${longest}`,
        fix: 'Choose a shorter name.',
      };
    }
    const suspended = graph.decided(Suspended, construct);
    if (graph.environment.tier !== 'production' || !suspended.value) continue;
    yield {
      at: construct,
      code: 'suspended-in-production',
      severity: 'warning',
      message: 'The task is suspended: in this environment it never starts.',
      field: 'suspended',
      got: `true from ${suspended.from}`,
      allowed: 'false in production',
      fix: 'Remove the setting, or accept the finding at the construct with a reason.',
    };
  }
});
