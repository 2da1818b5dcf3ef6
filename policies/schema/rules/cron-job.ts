/**
 * Cron jobs: the syntax of the schedule, the time zone. Source: k8s.io/kubernetes v1.36.3
 * `pkg/apis/batch/validation/validation.go`; grammar of schedules from github.com/robfig/cron v3 (standard parser).
 */
import { print } from '../print';
import { checkJobSpec } from './job';
import { checkBounds, record, type Data, type Report } from './rule';

interface CronField {
  readonly name: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly names?: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const FIELDS: readonly CronField[] = [
  { name: 'minute', minimum: 0, maximum: 59 },
  { name: 'hour', minimum: 0, maximum: 23 },
  { name: 'day of month', minimum: 1, maximum: 31 },
  { name: 'month', minimum: 1, maximum: 12, names: MONTHS },
  { name: 'day of week', minimum: 0, maximum: 6, names: DAYS },
];
const NICKNAMES = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']);

/** Checks a CronJob. */
export function checkCronJob(object: Data, report: Report): void {
  const spec = record(object['spec']);
  const { schedule, timeZone } = spec;
  const wrong = typeof schedule === 'string' ? scheduleError(schedule) : undefined;
  if (wrong !== undefined) {
    report('/spec/schedule', { code: 'bad-schedule', message: `the schedule cannot be read: ${wrong}`, got: print(schedule), allowed: 'five fields, as 0 3 * * 1-5, or a name as @daily', fix: 'correct the schedule' });
  }
  if (typeof timeZone === 'string' && !isTimeZone(timeZone)) {
    report('/spec/timeZone', { code: 'bad-time-zone', message: `${print(timeZone)} is no time zone`, got: timeZone, allowed: 'a name of the time zone database, as Europe/Berlin', fix: 'correct the name' });
  }
  for (const field of ['startingDeadlineSeconds', 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit']) {
    if (spec[field] !== undefined) checkBounds(spec[field], 0, Infinity, `/spec/${field}`, report);
  }
  checkJobSpec(record(record(spec['jobTemplate'])['spec']), '/spec/jobTemplate/spec', report);
}

/** What is wrong with a cron schedule; `undefined` for one that the server takes. */
export function scheduleError(schedule: string): string | undefined {
  if (schedule.includes('TZ')) return 'the time zone has a field of its own, timeZone';
  if (schedule.startsWith('@')) {
    return NICKNAMES.has(schedule) || /^@every (\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(schedule) ? undefined : `there is no name ${schedule}`;
  }
  const parts = schedule.trim().split(/\s+/);
  if (parts.length !== FIELDS.length) return `it has ${parts[0] === '' ? 0 : parts.length} fields instead of 5`;
  for (const [index, part] of parts.entries()) {
    const wrong = part.split(',').map((range) => rangeError(range, FIELDS[index]!)).find((error) => error !== undefined);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function rangeError(range: string, field: CronField): string | undefined {
  const [span, step, ...more] = range.split('/');
  if (more.length > 0 || (step !== undefined && !/^[1-9]\d*$/.test(step))) return `${range} is no ${field.name}`;
  if (span === '*' || span === '?') return undefined;
  const ends = span!.split('-').map((text) => valueOf(text, field));
  if (ends.length > 2 || ends.includes(undefined)) return `${range} is no ${field.name}`;
  return boundsError(range, ends[0]!, ends.at(-1)!, field);
}

function boundsError(range: string, low: number, top: number, field: CronField): string | undefined {
  if (low < field.minimum || top > field.maximum) return `${field.name} ${range} is not within ${field.minimum} to ${field.maximum}`;
  return low > top ? `${range} runs backwards` : undefined;
}

function valueOf(text: string, field: CronField): number | undefined {
  const named = field.names?.indexOf(text.toLowerCase()) ?? -1;
  if (named >= 0) return named + field.minimum;
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

function isTimeZone(name: string): boolean {
  // "Local" depends on the machine, so the server refuses it.
  if (name === '' || name.toLowerCase() === 'local') return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
