/**
 * What the large system is made of, as numbers: the platform (shop.ts) and the floor (floor.mjs) both start from these,
 * so that both make the same objects. Every value is a function of the service's index; nothing is random.
 */

/** Services of a context. 1,000 services are 50 contexts, and 50 files. */
export const CONTEXT_SIZE = 20;

/** Keys of a service's ConfigMap of variables. */
export const CONFIG_KEYS = 6;

export function contextName(context) {
  return `context-${String(context).padStart(3, '0')}`;
}

function serviceName(index) {
  return `service-${String(index).padStart(5, '0')}`;
}

/** One service: 3 calls (two within its context, one beyond it), 2 or 3 ConfigMaps, a scale that moves. */
export function serviceNumbers(index, count) {
  const first = index - (index % CONTEXT_SIZE);
  const inside = (step) => first + ((index + step) % CONTEXT_SIZE);
  const beyond = (index + CONTEXT_SIZE * (1 + (index % 7)) + (index % 3)) % count;
  return {
    name: serviceName(index),
    context: Math.floor(index / CONTEXT_SIZE),
    image: `team-${index % 9}/${serviceName(index)}:1.${index % 50}.${index % 4}`,
    min: 2 + (index % 3),
    max: 6 + (index % 11),
    cpuPercent: 55 + (index % 5) * 5,
    cpuMillis: 50 * (1 + (index % 8)),
    memoryMebibytes: 64 * (1 + (index % 6)),
    hasFlags: index % CONTEXT_SIZE < 13,
    calls: [inside(1), inside(7), beyond],
  };
}

/** A value of a service's configuration. */
export function limit(index, key) {
  return ((index * 31 + key * 17) % 997) + 1;
}

/** The text of a service's configuration file, of several lines. */
export function rules(index) {
  return Array.from({ length: 12 }, (_, line) => `rule.${line} = allow path-${(index * 7 + line) % 100}\n`).join('');
}
