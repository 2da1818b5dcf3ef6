import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { ControlPlane, ControlPlaneOptions } from './control-plane';
import { freePorts } from './ports';
import { startProcess, type RunningProcess } from './process';

/**
 * Starts the controllers: kube-controller-manager, kube-scheduler, and kwok, which does what kubelets and volume
 * provisioners do, on paper. They act quickly: what a proof waits for should take seconds.
 *
 * @throws AshlarError as `startProcess` does, with none of them left running
 */
export async function startControllers(
  plane: ControlPlane,
  options: ControlPlaneOptions,
): Promise<readonly RunningProcess[]> {
  const ports = await freePorts(3);
  const starts = [managerOf, schedulerOf, kwokOf].map((make, index) => make(plane, options, ports[index] ?? 0));
  const results = await Promise.allSettled(starts);
  const running = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed === undefined) return running;
  await Promise.all(running.map((process) => process.stop()));
  throw failed.reason;
}

function managerOf(plane: ControlPlane, options: ControlPlaneOptions, port: number): Promise<RunningProcess> {
  return component('kube-controller-manager', plane, options, port, [
    `--service-account-private-key-file=${path.join(plane.folder, 'service-accounts.key')}`,
    `--root-ca-file=${path.join(plane.folder, 'certificates/apiserver.crt')}`,
    '--use-service-account-credentials=true',
    '--horizontal-pod-autoscaler-sync-period=2s',
    // Pods of kwok use their full share from the first second on.
    '--horizontal-pod-autoscaler-cpu-initialization-period=1s',
    '--horizontal-pod-autoscaler-initial-readiness-delay=1s',
  ]);
}

function schedulerOf(plane: ControlPlane, options: ControlPlaneOptions, port: number): Promise<RunningProcess> {
  return component('kube-scheduler', plane, options, port, []);
}

/** What both of Kubernetes' own controllers want. */
function component(
  name: string,
  plane: ControlPlane,
  { engines, emulate }: ControlPlaneOptions,
  port: number,
  args: readonly string[],
): Promise<RunningProcess> {
  const kubeconfig = plane.kubeconfigOf(name);
  return startProcess({
    name,
    command: engines.fileOf(name),
    args: [
      `--kubeconfig=${kubeconfig}`,
      `--authentication-kubeconfig=${kubeconfig}`,
      `--authorization-kubeconfig=${kubeconfig}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${port}`,
      '--leader-elect=false',
      '--kube-api-qps=500',
      '--kube-api-burst=1000',
      '--profiling=false',
      ...(emulate === undefined ? [] : [`--emulated-version=${emulate}`]),
      ...args,
    ],
    log: path.join(plane.folder, `${name}.log`),
    stopSignal: 'SIGKILL',
  });
}

function kwokOf(plane: ControlPlane, { engines }: ControlPlaneOptions, port: number): Promise<RunningProcess> {
  const folder = engines.fileOf('kwok-stages');
  const stages = readdirSync(folder).sort();
  return startProcess({
    name: 'kwok',
    command: engines.fileOf('kwok'),
    args: [
      `--kubeconfig=${plane.kubeconfigOf('kwok')}`,
      ...stages.map((file) => `--config=${path.join(folder, file)}`),
      '--manage-all-nodes=true',
      '--cidr=10.244.0.1/16',
      '--node-ip=10.0.0.1',
      '--node-lease-duration-seconds=40',
      `--server-address=127.0.0.1:${port}`,
    ],
    log: path.join(plane.folder, 'kwok.log'),
    stopSignal: 'SIGKILL',
  });
}
