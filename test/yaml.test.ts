import * as fc from 'fast-check';
import { parse, parseAllDocuments } from 'yaml';
import { documentsToYaml, toYaml } from '../constructs/model/yaml';
import { AshlarError } from '../constructs/model/error';

const VERSIONS = ['1.1', '1.2'] as const;

/** What readers make of a document; merge keys on, as the readers of Kubernetes have them. */
function read(text: string): unknown[] {
  return VERSIONS.map((version) => parse(text, { version, merge: true }) as unknown);
}

function expectSame(value: unknown): void {
  for (const got of read(toYaml(value))) expect(got).toStrictEqual(value);
}

function refusalOf(value: unknown): AshlarError {
  try {
    toYaml(value);
  } catch (error) {
    if (error instanceof AshlarError) return error;
  }
  throw new Error('was not refused');
}

describe('style', () => {
  test.each<[string, unknown, string]>([
    ['members in their order', { b: 1, a: { d: true, c: null } }, 'b: 1\na:\n  d: true\n  c: null\n'],
    ['sequences under their key', { ports: [{ name: 'http', port: 80 }] }, 'ports:\n  - name: http\n    port: 80\n'],
    ['sequences in sequences', [['a', ['b']], 'c'], '- - a\n  - - b\n- c\n'],
    ['empty collections inline', { a: {}, b: [], c: [{}, []] }, 'a: {}\nb: []\nc:\n  - {}\n  - []\n'],
    ['empty documents', {}, '{}\n'],
    ['a scalar as document', 'text', 'text\n'],
    ['undefined left out', { a: undefined, b: [undefined, 1], c: { d: undefined } }, 'b:\n  - 1\nc: {}\n'],
    ['numbers', [0, -1, 1.5, 1e21, 1.5e-7, 5e-324], '- 0\n- -1\n- 1.5\n- 1.0e+21\n- 1.5e-7\n- 5.0e-324\n'],
    ['no anchors', [['same'], ['same']], '- - same\n- - same\n'],
    ['no folding', { a: 'word '.repeat(60).trim() }, `a: ${'word '.repeat(60).trim()}\n`],
    ['blocks that end in one line feed', { a: 'x\n  y\n' }, 'a: |\n  x\n    y\n'],
    ['blocks that end in none', { a: ['x\n\ny'] }, 'a:\n  - |-\n    x\n\n    y\n'],
    ['blocks that end in several', { a: 'x\n\n', b: 1 }, 'a: |+\n  x\n\nb: 1\n'],
    ['blocks that start indented', { a: ' x\ny' }, 'a: |2-\n   x\n  y\n'],
    ['blocks that start blank', { a: '\nx\n' }, 'a: |2\n\n  x\n'],
    ['blocks with tabs', { a: 'x:\n\ty\n' }, 'a: |\n  x:\n  \ty\n'],
    ['toJSON', { at: new Date(0), x: { toJSON: () => ({ z: 1 }) } }, 'at: "1970-01-01T00:00:00.000Z"\nx:\n  z: 1\n'],
  ])('%s', (_name, value, text) => {
    expect(toYaml(value)).toBe(text);
  });

  test('the same text whatever was written before', () => {
    expect(toYaml('once\nmore')).toBe('"once\\nmore"\n');
    expect(toYaml(['once\nmore'])).toBe('- |-\n  once\n  more\n');
    expect(toYaml('once\nmore')).toBe('"once\\nmore"\n');
    expect(toYaml([{ once: 1, a: { once: [{ once: 1 }] } }])).toBe('- once: 1\n  a:\n    once:\n      - once: 1\n');
  });

  test('documents are separated', () => {
    expect(documentsToYaml([{ a: 'x\n\n' }, 2])).toBe('a: |+\n  x\n\n---\n2\n');
    expect(documentsToYaml([])).toBe('');
  });
});

/** Each of these is something else than this string to some reader, or cannot stand as it is. */
const QUOTED = [
  ...'y N yes No ON off true False null NULL ~ = << .inf -.inf +.Inf .NaN -inf'.split(' '),
  ...'0 -1 +1 010 0o10 0x1F 0b1 1_000 1,000 1.0 1. .5 -.5 1e3 1E 12e03 0x1p-2 e1 E12345 e+1 -e1 .e-1 -_1 ._1'.split(
    ' ',
  ),
  ...'12:30 12:30:45 190:20:30.15 1.2.3 10.0.0.1 2001-01-01 2001-12-14t21:59:43.10-05:00 2001-12-15T02:59:43Z'.split(
    ' ',
  ),
  ...`- --- ... ? : :a a: a:: #a ,a [a ] {a } &a *a !a | > >- 'a "a %a @a \`a +a`.split(' '),
  ...[
    '2001-12-14 21:59:43.10 -5',
    '- a',
    '--- a',
    '? a',
    ': a',
    'a: b',
    'a #b',
    'a:\tb',
    '',
    ' ',
    ' a',
    'a ',
    '\ta',
    'a\tb',
  ],
  ...[
    '\u0000',
    'a\u0007',
    'a\u007f',
    'a\u0085b',
    'a\u00a0',
    'a\u2028b',
    'a\u2029b',
    '\ufeffa',
    'a\uffff',
    'a\ud800',
    '\udc00',
  ],
  ...['\r', 'a\r', 'a\rb', '\r\n', 'a\r\nb', '\n', ' \n', 'a\n ', 'a\n\t\n', 'a\n\u2028b', 'a\u200eb', 'a\u202eb'],
];

/** These are strings to every reader, and are common in manifests. */
const PLAIN = [
  ...'a yess apps/v1 my-app app.kubernetes.io/name nginx:1.27 /healthz $(POD_IP) --port=8080 -v .git e1f'.split(' '),
  ...`500m 10Gi 25% 5s 10.0.0.0/8 a:b a#b a{b} it's Größe 日本 😀`.split(' '),
  ...['a b', 'a, b'],
];

describe('scalars', () => {
  test.each(QUOTED)('%j is quoted, as value and as key', (text) => {
    expect(toYaml(text)).toMatch(/^".*"\n$/);
    expect(toYaml({ [text]: 1 })).toMatch(/^".*": 1\n$/);
    expectSame([text, { [text]: text }, { a: text, b: [[text], [{ [text]: [text] }]] }]);
  });

  test.each(PLAIN)('%j is plain, as value and as key', (text) => {
    expect(toYaml(text)).toBe(`${text}\n`);
    expect(toYaml({ [text]: 1 })).toBe(`${text}: 1\n`);
    expectSame([text, { [text]: text }]);
  });

  test('the readers would notice if quoting were dropped', () => {
    const misread = QUOTED.filter((text) => {
      try {
        return read(`- ${text}\n`).some((got) => (got as unknown[])[0] !== text);
      } catch {
        return true;
      }
    });
    expect(misread.length).toBeGreaterThan(QUOTED.length / 2);
    expect(misread).toEqual(
      expect.arrayContaining(['yes', 'null', '010', '0o10', '12:30:45', '2001-01-01', '1e3', 'a: b', ' a']),
    );
  });

  test('long keys, which readers do not look ahead for', () => {
    const long = 'k'.repeat(2000);
    expect(toYaml([{ [long]: { a: 1 }, b: 'x\ny\n' }])).toBe(`- ? ${long}\n  :\n    a: 1\n  b: |\n    x\n    y\n`);
    expectSame({ a: { [long]: [1], [`${long}:`]: 'x\ny', c: [{ [long]: {} }] } });
  });

  test.each(['😀', 'a b', 'ä\n', '\t\n', 'a \n', '1', 'a: '])('megabytes of %j', (text) => {
    const long = text.repeat(3e6);
    expect(toYaml([long]).length).toBeGreaterThan(long.length);
  });

  test('a key that is special to JavaScript', () => {
    const value: unknown = JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}');
    expect(toYaml(value)).toBe('__proto__:\n  a: 1\nconstructor: 2\n');
  });

  test('time grows with length only, also for text that nearly is plain', () => {
    const nearly = [
      `1${'g'.repeat(200_000)}:`,
      `a${' '.repeat(200_000)}`,
      `a${' :'.repeat(100_000)}`,
      `${'1'.repeat(200_000)}`,
    ];
    const start = performance.now();
    for (const text of [...nearly, ...nearly.map((line) => `${line}\n${line}`)]) toYaml([text]);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

const alphabets = [
  ' \n\ta',
  ' \n#:-a',
  '0123456789_.:+-eExobTZ ',
  'yYnNoOsSfFtTrRuUlL~=<',
  `-?:,[]{}#&*!|>'"%@\`\\ /a`,
  '\r\n\u0000\u0007\u001b\u007f\u0085\u00a0\u1680\u2007\u200b\u2028\u2029\u202e\u3000\ufeff\ufffe\uffffa ',
  '\ud800\udc00\udbff\udfffa\n ',
  'äß日😀a: ',
];
const nasty = fc.oneof(
  ...alphabets.map((letters) => fc.string({ unit: fc.constantFrom(...letters.split('')), maxLength: 12 })),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom(...QUOTED, ...PLAIN),
);
const scalarValue = fc.oneof(
  { weight: 6, arbitrary: nasty },
  {
    weight: 1,
    arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
  },
  { weight: 1, arbitrary: fc.integer() },
  { weight: 1, arbitrary: fc.constantFrom(true, false, null) },
);
/** Without `__proto__`, which the reader does not give back as a member (tested above). */
const key = nasty.filter((text) => text !== '__proto__');
const data = fc.letrec((tie) => ({
  tree: fc.oneof({ maxDepth: 4, withCrossShrink: true }, scalarValue, tie('list'), tie('map')),
  list: fc.array(tie('tree'), { maxLength: 4 }),
  map: fc.dictionary(key, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
})).tree;

describe('for every input', () => {
  test('each reader gets the same string, as value and as key', () => {
    fc.assert(
      fc.property(nasty, key, (text, name) => {
        expectSame({ a: text, [name]: [text, [text, { [name]: text }]], z: 1 });
      }),
      { numRuns: 2000 },
    );
  });

  test('each reader gets the same data', () => {
    fc.assert(fc.property(data, expectSame), { numRuns: 1000 });
  });

  test('each reader gets the same documents', () => {
    fc.assert(
      fc.property(fc.array(data, { minLength: 1, maxLength: 4 }), (values) => {
        const documents = parseAllDocuments(documentsToYaml(values));
        expect(Array.from(documents, (document) => document.toJS() as unknown)).toStrictEqual(values);
      }),
      { numRuns: 200 },
    );
  });

  test('what is written is printable, and well-formed UTF-16', () => {
    fc.assert(
      fc.property(data, (value) => {
        const text = toYaml(value);
        expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u00a0\u2028\u2029\ufeff\ufffe\uffff]/);
        expect(text.isWellFormed()).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('refused', () => {
  class Port {
    readonly number = 80;
  }
  const loop: Record<string, unknown> = {};
  loop['back'] = [loop];
  const deep = Array.from({ length: 600 }).reduce<unknown>((inner) => [inner], 1);

  test.each<[string, unknown, string, string]>([
    ['NaN', { a: [1, Number.NaN] }, '/a/1', 'NaN'],
    ['infinity', { 'a/b~c': -Infinity }, '/a~1b~0c', '-Infinity'],
    ['-0', { a: -0 }, '/a', '-0'],
    ['a function', { a: { b: () => 1 } }, '/a/b', 'a function'],
    ['a bigint', [1n], '/0', 'a bigint'],
    ['a symbol', [Symbol('s')], '/0', 'a symbol'],
    ['an instance', { ports: [new Port()] }, '/ports/0', 'an instance of Port'],
    ['a Map', { a: new Map() }, '/a', 'an instance of Map'],
    ['a cycle', { a: loop }, '/a/back/0', 'a cycle'],
    ['undefined as document', undefined, '', 'undefined'],
    ['what toJSON returns', { a: { toJSON: () => new Port() } }, '/a', 'an instance of Port'],
  ])('%s', (_name, value, field, got) => {
    const error = refusalOf(value);
    expect(error.code).toBe('not-plain-data');
    expect(error.findings[0]).toMatchObject({ field, got });
    expect(error.message).toContain(got);
  });

  test('nesting without end', () => {
    expect(refusalOf(deep).findings[0]?.got).toBe('more than 500 levels');
  });

  test('but not the same object twice, other realms or no prototype', () => {
    const shared = { a: 1 };
    expect(toYaml([shared, shared, structuredClone(shared), Object.assign(Object.create(null), shared)])).toBe(
      '- a: 1\n'.repeat(4),
    );
  });

  test('an error of toJSON itself is passed on', () => {
    const broken = new Error('broken');
    const value = {
      toJSON: () => {
        throw broken;
      },
    };
    expect(() => toYaml([value])).toThrow(broken);
  });
});
