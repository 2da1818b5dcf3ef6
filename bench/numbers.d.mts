/** Types of numbers.mjs, for the program. */
export declare const CONTEXT_SIZE: number;
export declare const CONFIG_KEYS: number;
export interface ServiceNumbers {
  readonly name: string;
  readonly context: number;
  readonly image: string;
  readonly min: number;
  readonly max: number;
  readonly cpuPercent: number;
  readonly cpuMillis: number;
  readonly memoryMebibytes: number;
  readonly hasFlags: boolean;
  readonly calls: readonly number[];
}
export declare function contextName(context: number): string;
export declare function serviceNumbers(index: number, count: number): ServiceNumbers;
export declare function limit(index: number, key: number): number;
export declare function rules(index: number): string;
