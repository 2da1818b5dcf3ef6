import * as fc from 'fast-check';
import {
  addressBytes,
  blockContains,
  isDnsLabel,
  isDnsSubdomain,
  isLabelValue,
  isPortName,
  isQualifiedName,
  isQuantity,
  parseCidr,
  quantityValue,
} from '../../policies/schema/formats';
import { scheduleError } from '../../policies/schema/rules/cron-job';

const SUFFIXES = [
  '',
  'n',
  'u',
  'm',
  'k',
  'M',
  'G',
  'T',
  'P',
  'E',
  'Ki',
  'Mi',
  'Gi',
  'Ti',
  'Pi',
  'Ei',
  'e3',
  'E-2',
  'e+1',
];

describe('quantities', () => {
  test('every signed decimal with a known suffix is one', () => {
    const decimal = fc.oneof(
      fc.tuple(fc.nat(), fc.nat()).map(([a, b]) => `${a}.${b}`),
      fc.nat().map((a) => `${a}`),
      fc.nat().map((a) => `.${a}`),
      fc.nat().map((a) => `${a}.`),
    );
    fc.assert(
      fc.property(fc.constantFrom('', '+', '-'), decimal, fc.constantFrom(...SUFFIXES), (sign, number, suffix) => {
        expect(isQuantity(sign + number + suffix)).toBe(true);
        expect(quantityValue(sign + number + suffix)).not.toBeNaN();
      }),
    );
  });

  test('what is accepted follows the grammar', () => {
    const grammar = /^[+-]?(\d+\.?\d*|\.\d+)(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?\d+)?$/;
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0159.+-eEkKmMgGi x') }), (text) => {
        expect(isQuantity(text)).toBe(grammar.test(text));
      }),
      { numRuns: 3000 },
    );
  });

  test.each([
    ['100m', 0.1],
    ['1Ki', 1024],
    ['1.5Gi', 1.5 * 2 ** 30],
    ['2e3', 2000],
    ['1E', 1e18],
    [3, 3],
    ['x', undefined],
    ['', undefined],
    [null, undefined],
  ])('%j is %j', (text, value) => {
    expect(quantityValue(text)).toBe(value);
  });
});

describe('names', () => {
  test.each([
    ['isDnsLabel', isDnsLabel, ['a', '1a', 'a-b', 'a'.repeat(63)], ['', '-a', 'a-', 'A', 'a.b', 'a_b', 'a'.repeat(64)]],
    ['isDnsSubdomain', isDnsSubdomain, ['a', 'a.b', '1.2'], ['', 'a..b', '.a', 'a.', 'a.-b', 'A.b', 'a'.repeat(254)]],
    ['isLabelValue', isLabelValue, ['', 'a', 'A_b.c-d', '1'], ['-a', 'a.', 'a b', 'a/b', 'a'.repeat(64)]],
    [
      'isQualifiedName',
      isQualifiedName,
      ['a', 'a.b/c', 'example.com/A_b'],
      ['', '/a', 'a/', 'a/b/c', 'A.com/b', 'a b'],
    ],
    ['isPortName', isPortName, ['http', 'a1', '8080-tcp'], ['', '8080', 'a--b', '-a', 'Http', 'a-name-that-is-']],
  ] as const)('%s', (_, test_, right, wrong) => {
    expect(right.filter((text) => !test_(text))).toEqual([]);
    expect(wrong.filter((text) => test_(text))).toEqual([]);
  });
});

describe('addresses', () => {
  test.each([
    ['10.0.0.1', 4],
    ['::1', 16],
    ['fd00::1:2', 16],
    ['::ffff:1.2.3.4', 16],
    ['1:2:3:4:5:6:7:8', 16],
  ])('%s has %d bytes', (text, size) => {
    expect(addressBytes(text)).toHaveLength(size);
  });

  test.each([
    '',
    '1.2.3',
    '01.2.3.4',
    '256.1.1.1',
    ':',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    'fe80::1%eth0',
    'g::',
  ])('%j is none', (text) => {
    expect(addressBytes(text)).toBeUndefined();
  });

  test('a block contains exactly the blocks that begin with its bits', () => {
    const bytes = fc.array(fc.nat(255), { minLength: 4, maxLength: 4 });
    const bitsOf = (address: readonly number[], count: number): string =>
      address
        .map((byte) => byte.toString(2).padStart(8, '0'))
        .join('')
        .slice(0, count);
    fc.assert(
      fc.property(bytes, fc.nat(32), bytes, fc.nat(32), (a, aBits, b, bBits) => {
        const outer = parseCidr(`${a.join('.')}/${aBits}`)!;
        const inner = parseCidr(`${b.join('.')}/${bBits}`)!;
        expect(blockContains(outer, inner)).toBe(bBits >= aBits && bitsOf(a, aBits) === bitsOf(b, aBits));
      }),
    );
  });

  test.each(['10.0.0.0', '10.0.0.0/33', '10.0.0.0/08', '::/129', 'a/8', '/8'])('%j is no block', (text) =>
    expect(parseCidr(text)).toBeUndefined(),
  );
});

describe('schedules', () => {
  test.each(['* * * * *', '0 3 * * 1-5', '*/5 0-6/2 1,15 jan-mar SUN', '@daily', '@every 1h30m', '0 0 ? * *'])(
    '%s is one',
    (text) => {
      expect(scheduleError(text)).toBeUndefined();
    },
  );

  test.each([
    '',
    '* * * *',
    '* * * * * *',
    '60 * * * *',
    '* 24 * * *',
    '* * 0 * *',
    '* * * 13 *',
    '* * * * 7',
    '5-1 * * * *',
    '*/0 * * * *',
    'a * * * *',
    '1- * * * *',
    '@never',
    'TZ=UTC 0 3 * * *',
  ])('%j is none', (text) => {
    expect(scheduleError(text)).toMatch(/\S/);
  });
});
