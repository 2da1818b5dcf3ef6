import { AshlarError } from '../constructs/model/error';

/**
 * What was given with `--input name=value`, by name. Values are texts: what is behind the first equals sign.
 * @throws AshlarError `bad-input`, with every problem
 */
export function parseInputs(given: readonly string[]): Readonly<Record<string, string>> {
  const inputs = new Map<string, string>();
  const problems = given.flatMap((text) => {
    const end = text.indexOf('=');
    const name = text.slice(0, Math.max(0, end));
    if (!/^[A-Za-z_$][\w$]*$/.test(name))
      return [problem(name === '' ? 'no name and no equals sign' : name, 'an input has a name')];
    if (inputs.has(name)) return [problem(name, 'an input is given once')];
    inputs.set(name, text.slice(end + 1));
    return [];
  });
  if (problems.length > 0) throw new AshlarError(...problems);
  return Object.fromEntries(inputs);
}

/** The value is not printed: it may be a secret. */
function problem(got: string, message: string) {
  return {
    code: 'bad-input',
    path: '--input',
    message: `Of the inputs that were given one cannot be taken: ${message}.`,
    got,
    allowed: 'name=value, each name once',
    fix: 'Write it as --input host=db.example.com.',
  };
}
