/** Milliseconds as messages of Envoy say them: in seconds, since it refuses `300ms` there. */
export function envoyDurationOf(milliseconds: number): string {
  return `${milliseconds / 1000}s`;
}

/** Milliseconds as Istio writes them: `2s`, `600ms`. */
export function durationOf(milliseconds: number): string {
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`;
}
