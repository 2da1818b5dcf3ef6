/** Labs that one process may have open at once. */
const LABS = 64;
/** Process ids are told apart by so many of their low bits: those of one run are near each other. */
const PROCESSES = 512;

let made = 0;

/**
 * The first three parts of loopback addresses of a lab. Proofs run side by side, and a kernel lets two proxies listen on one
 * address, each with a share of its connections: no other process's lab has these (127.64.0.0 to 127.191.255.255).
 */
export function nextNet(pid = process.pid): string {
  const slot = (pid % PROCESSES) * LABS + (made++ % LABS);
  return `127.${64 + (slot >> 8)}.${slot & 255}`;
}
