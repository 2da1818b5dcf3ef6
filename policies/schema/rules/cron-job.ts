/**
 * Cron jobs: the syntax of the schedule, the time zone. Source: k8s.io/kubernetes v1.36.3
 * `pkg/apis/batch/validation/validation.go`; grammar of schedules from github.com/robfig/cron v3 (standard parser).
 */
import { remembering } from '../formats';
import { print } from '../print';
import { checkJobSpec } from './job';
import { checkCounts, record, type Data, type Report } from './rule';

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
const COUNTS = ['startingDeadlineSeconds', 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit'];
const NICKNAMES = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']);

/** Checks a CronJob. */
export function checkCronJob(object: Data, report: Report): void {
  const spec = record(object['spec']);
  const { schedule, timeZone } = spec;
  if (typeof schedule === 'string' && !isSchedule(schedule)) {
    report('/spec/schedule', {
      code: 'bad-schedule',
      message: `the schedule cannot be read: ${scheduleError(schedule) ?? ''}`,
      got: print(schedule),
      allowed: 'five fields, as 0 3 * * 1-5, or a name as @daily',
      fix: 'correct the schedule',
    });
  }
  if (typeof timeZone === 'string' && !isTimeZone(timeZone)) {
    report('/spec/timeZone', {
      code: 'bad-time-zone',
      message: `${print(timeZone)} is no time zone`,
      got: timeZone,
      allowed: 'a name of the time zone database, as Europe/Berlin',
      fix: 'correct the name',
    });
  }
  checkCounts(spec, COUNTS, '/spec', report);
  checkJobSpec(record(record(spec['jobTemplate'])['spec']), '/spec/jobTemplate/spec', report);
}

const isSchedule = remembering((schedule) => scheduleError(schedule) === undefined);

/** What is wrong with a cron schedule; `undefined` for one that the server takes. */
export function scheduleError(schedule: string): string | undefined {
  if (schedule.includes('TZ')) return 'the time zone has a field of its own, timeZone';
  if (schedule.startsWith('@')) {
    return NICKNAMES.has(schedule) || /^@every (\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(schedule)
      ? undefined
      : `there is no name ${schedule}`;
  }
  const parts = schedule.trim().split(/\s+/);
  if (parts.length !== FIELDS.length) return `it has ${parts[0] === '' ? 0 : parts.length} fields instead of 5`;
  const errors = FIELDS.flatMap((field, index) => parts[index]?.split(',').map((range) => rangeError(range, field)));
  return errors.find((error) => error !== undefined);
}

function rangeError(range: string, field: CronField): string | undefined {
  const match = RANGE.exec(range);
  if (match === null) return `${range} is no ${field.name}`;
  const [low, top = low] = (match[1]?.split('-') ?? []).map((text) => valueOf(text, field));
  if (low === undefined || top === undefined) return undefined;
  return boundsError(range, low, top, field);
}

function boundsError(range: string, low: number, top: number, field: CronField): string | undefined {
  if (Number.isNaN(low + top)) return `${range} is no ${field.name}`;
  if (low > top) return `${range} runs backwards`;
  if (low >= field.minimum && top <= field.maximum) return undefined;
  return `${field.name} ${range} is not within ${field.minimum} to ${field.maximum}`;
}

/** Everything, one value or two with a dash between; then a step, or none. */
const RANGE = /^(?:[*?]|(\w+(?:-\w+)?))(?:\/[1-9]\d*)?$/;

/** The number that `text` is or names; NaN for what is neither. */
function valueOf(text: string, field: CronField): number {
  const named = field.names?.indexOf(text.toLowerCase()) ?? -1;
  if (named >= 0) return named + field.minimum;
  return /^\d+$/.test(text) ? Number(text) : NaN;
}

/** "Local" depends on the machine, so the server refuses it. */
const isTimeZone = remembering((name) => /^[A-Za-z]/.test(name) && name.toLowerCase() !== 'local' && isWritten(name));

/**
 * The server looks for a file of the name, and files have their letters in one case only. Of names that are not listed,
 * such as `UTC` and `US/Eastern`, only that they exist is known.
 */
function isWritten(timeZone: string): boolean {
  const lower = timeZone.toLowerCase();
  const listed = Intl.supportedValuesOf('timeZone').find((known) => known.toLowerCase() === lower);
  return listed === undefined ? isKnownToIntl(timeZone) : listed === timeZone;
}

function isKnownToIntl(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return true;
  } catch {
    return false;
  }
}
