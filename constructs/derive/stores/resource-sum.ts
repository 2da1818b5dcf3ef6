import { formatCpu, formatMemory, parseQuantity } from '../../model/quantity';
import type { ResourceFacts } from '../pod';

/** What containers of one pod ask for together. A limit of the sum is there where each has one. */
export function sumOf(...containers: readonly ResourceFacts[]): ResourceFacts {
  const sum = (amounts: readonly (string | undefined)[]): number =>
    amounts.reduce((total, amount) => total + parseQuantity(amount ?? '0'), 0);
  return {
    requests: {
      cpu: formatCpu(sum(containers.map(({ requests }) => requests.cpu))),
      memory: formatMemory(sum(containers.map(({ requests }) => requests.memory))),
    },
    limits: { memory: formatMemory(sum(containers.map(({ limits }) => limits.memory))) },
  };
}
