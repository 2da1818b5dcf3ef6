/**
 * Measures whole processes from outside: from spawn to exit, everything that a user waits for.
 *
 * Other work on the machine makes a process slower, never faster, so the best of many runs is the one that tells about
 * the program, and only bests are compared. What is compared runs alternately, so that a slow minute hits all alike.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROBE = fileURLToPath(new URL('probe.cjs', import.meta.url));

/**
 * One program to measure.
 * @typedef {{ name: string, args: readonly string[], env?: NodeJS.ProcessEnv, cwd?: string, before?: () => void }} Subject
 */

/** Runs of one program. */
export class Runs {
  wall = [];
  cpu = [];
  rss = [];

  /** Milliseconds from spawn to exit. */
  get best() {
    return Math.min(...this.wall);
  }

  get median() {
    return medianOf(this.wall);
  }

  /** Milliseconds of user and system time, all threads. */
  get leastCpu() {
    return Math.min(...this.cpu);
  }

  /** Peak memory in megabytes; the collector's timing moves it, so the median. */
  get peak() {
    return medianOf(this.rss);
  }
}

/**
 * Runs each subject once to warm its caches, and then all of them alternately.
 * @param {readonly Subject[]} subjects
 * @param {number} rounds - runs of each
 * @param {(runs: readonly Runs[]) => boolean} isMet - whether the targets are met; where not, twice as many rounds follow,
 * since a target is missed only by what no quiet moment helps
 */
export function measure(subjects, rounds, isMet = () => true) {
  for (const subject of subjects) runOnce(subject);
  const results = subjects.map(() => new Runs());
  const round = () => subjects.forEach((subject, index) => add(results[index], runOnce(subject)));
  for (let count = 0; count < rounds; count += 1) round();
  for (let count = 0; count < 2 * rounds && !isMet(results); count += 1) round();
  return results;
}

function add(runs, { wall, cpu, rss }) {
  runs.wall.push(wall);
  runs.cpu.push(cpu);
  runs.rss.push(rss);
}

function runOnce({ name, args, env, cwd, before }) {
  before?.();
  const start = performance.now();
  const { status, stderr, error } = spawnSync(process.execPath, ['-r', PROBE, ...args], {
    cwd,
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  const wall = performance.now() - start;
  const probed = /^bench-probe (.*)$/m.exec(stderr ?? '')?.[1];
  if (error) throw error;
  if (status !== 0 || probed === undefined) throw new Error(`${name} failed with exit code ${status}:\n${stderr}`);
  const { rssKilobytes, cpuMicroseconds } = JSON.parse(probed);
  return { wall, cpu: cpuMicroseconds / 1000, rss: rssKilobytes / 1024 };
}

function medianOf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
