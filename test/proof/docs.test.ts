import { blocksOf } from '../support/docs-blocks';
import { inFolderOf } from '../support/docs-plans';
import { moduleOf, runModule } from '../support/docs-program';

/** The proofs that docs/proof.md shows; test/docs.test.ts compiles them and does not run them. */
const blocks = blocksOf('docs/proof.md');
const modules = blocks.filter(({ language }) => language === 'ts').map(moduleOf);
const files = blocks.filter(({ language, words }) => language === 'yaml' && words.has('file'));
const shown = modules.filter(({ block }) => block.words.get('file')?.startsWith('proof/'));

test('the page shows a proof', () => expect(shown).not.toEqual([]));

for (const module of shown) {
  describe(module.block.name, () => {
    inFolderOf(files, () => void runModule(module, modules));
  });
}
