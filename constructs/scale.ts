import { DEFAULT_CPU_PERCENT, type ScaleFacts } from './derive/scaling';
import type { Problem } from './model/finding';
import { PERCENT, kindOf, problemsOfNeededShare, soundOf } from './kinds';
import { given } from './model/given';
import { problemOfInteger, type Checked, type Percent } from './values';

/** Most pods of one workload; the scheduler's tested limit is 150,000 a cluster (Kubernetes 1.36, "Considerations for large clusters"). */
const MAX_PODS = 10_000;

/** What moves the number of pods. */
interface Targets {
  readonly cpuPercent?: number;
  readonly memoryPercent?: number;
}

/** How many pods, and what moves the number. */
export class Scale implements Checked {
  private constructor(
    private readonly min: number,
    private readonly max: number,
    private readonly targets: Targets,
    /** What was given wrongly. */
    readonly problems: readonly Problem[],
  ) {}

  /** Always the same number of pods; 0 switches the workload off. */
  static fixed(pods: number): Scale {
    return new Scale(pods, pods, {}, problemOfInteger('scale', pods, 0, MAX_PODS));
  }

  /**
   * A number of pods that follows the load: where nothing else is said the use of CPU, at 70 % of what was requested.
   * @param min - at least 1
   * @param max - more than min
   */
  static between(min: number, max: number): Scale {
    const problems = [
      ...problemOfInteger('scale.min', min, 1, MAX_PODS),
      ...problemOfInteger('scale.max', max, 1, MAX_PODS),
    ];
    if (problems.length === 0 && max <= min) {
      problems.push({
        code: 'out-of-range',
        message: 'The largest scale is not above the smallest.',
        field: 'scale.max',
        got: `${min} to ${max}`,
        allowed: `more than ${min}`,
        fix: `Use Scale.fixed(${min}) for a fixed number.`,
      });
    }
    return new Scale(min, max, {}, problems);
  }

  /** Adds pods where the average use of the requested CPU is above this, 1 to 1000 %. */
  onCpu(target: Percent): Scale {
    return this.#with('cpu', target);
  }

  /** Adds pods where the average use of the requested memory is above this, 1 to 1000 %. */
  onMemory(target: Percent): Scale {
    return this.#with('memory', target);
  }

  /** The scale as facts. */
  get facts(): ScaleFacts {
    const { min, max } = this;
    const nothingSaid = max > min && Object.keys(this.targets).length === 0;
    return { min, max, ...(nothingSaid ? { cpuPercent: DEFAULT_CPU_PERCENT } : this.targets) };
  }

  #problemOfFixed(field: string): readonly Problem[] {
    if (this.min !== this.max) return [];
    return [
      {
        code: 'scale-is-fixed',
        message: 'A fixed number of pods follows no load.',
        field,
        got: `Scale.fixed(${this.min})`,
        allowed: 'a target on Scale.between(min, max)',
        fix: 'Give the smallest and the largest number, or leave the target out.',
      },
    ];
  }

  #with(by: 'cpu' | 'memory', target: Percent): Scale {
    const field = `scale.${by}`;
    const targets = given({ [`${by}Percent`]: soundOf(target, PERCENT)?.value });
    const problems = [...this.problems, ...problemsOfNeededShare(field, target, 1000), ...this.#problemOfFixed(field)];
    return new Scale(this.min, this.max, { ...this.targets, ...targets }, problems);
  }
}

/** Those, of whichever copy of the kit. */
export const SCALE = kindOf(Scale, 'Scale.between(2, 10)');
