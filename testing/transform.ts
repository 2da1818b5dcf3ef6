/** jest's transformer, by shape. */
interface Transformer {
  /** Turns a TypeScript or ES module file into what jest runs. */
  process(source: string, file: string): { readonly code: string };
}

/**
 * Lets jest read TypeScript by the same loader that `ashlar` reads programs with, so that a test sees what the command
 * sees and nothing more has to be installed. It hoists no `jest.mock`; a suite that mocks modules takes `@swc/jest`.
 */
const transformer: Transformer = {
  process(source, file) {
    const { createJiti } = require('jiti') as typeof import('jiti');
    const options = { source, filename: file, ts: /\.[cm]?tsx?$/.test(file), async: false };
    return { code: createJiti(file).transform(options) };
  },
};

export = transformer;
