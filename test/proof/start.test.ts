import path from 'node:path';
import { proof, startCluster, until } from 'ashlar/testing/cluster';
import { builtInExample } from './support/examples';
import { processesWith } from './support/processes';

const EXAMPLES = [builtInExample('shop', 'prod'), builtInExample('online-boutique', 'prod')];

proof('a cluster', (cluster) => {
  test.each(EXAMPLES)('takes all of $name in $environment without a warning, and gets it ready', async ({ plan }) => {
    const applied = await cluster().apply(plan);
    expect(applied.map(({ outcome }) => outcome)).toEqual(plan.objects.map(() => 'created'));
    expect(applied.flatMap(({ verdict }) => verdict.warnings)).toEqual([]);
  });

  test.each(EXAMPLES)('is not changed when $name is applied again', async ({ plan }) => {
    const applied = await cluster().apply(plan);
    expect(applied.filter(({ outcome }) => outcome !== 'unchanged')).toEqual([]);
  });
});

proof('the end of a cluster', (cluster) => {
  test('leaves no process and no file', async () => {
    const another = await startCluster({ controllers: false });
    const folder = path.dirname(another.kubeconfig);
    expect(
      processesWith(folder)
        .map(({ command }) => path.basename(command.split(' ')[0] ?? ''))
        .sort(),
    ).toEqual(['etcd', 'kube-apiserver']);
    await another.stop();
    await until(() => processesWith(folder).length === 0, { withinMs: 2000, what: 'its processes to end' });
    expect(await cluster().list('v1', 'Node')).toHaveLength(3);
  });
});
