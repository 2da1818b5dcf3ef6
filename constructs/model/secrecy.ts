/**
 * Tells secrets from other texts, by the name that a value goes by and by what it looks like, so that no finding, no
 * explanation and no snapshot prints one. A guess: it knows names and forms, not meanings.
 */

/** What stands in the place of a secret. */
export const HIDDEN = '(not shown)';

/** Words that a name ends with when its value is a secret, in capitals and with underscores. */
const SECRET_WORDS = new RegExp(
  '(?:PASSWORD|PASSWD|PASSPHRASE|APIKEY|(?:^|_)(?:PASS|SECRET|TOKEN|CREDENTIALS?|SECRET_KEY_BASE)|_PWD|' +
    '(?:^|_)(?:API|PRIVATE|ACCESS|SECRET|SIGNING|ENCRYPTION|MASTER|ACCOUNT|SHARED|AUTH|SSH|TLS|HMAC)_KEY)' +
    '(?:_?[0-9]+)?(?:_(?:VALUE|TEXT|PLAIN|B64|BASE64|OLD|NEW|CURRENT|PREVIOUS|TXT))?$',
);

const known = new Map<string, boolean>();

/** Whether a name says that its value is a secret: `DB_PASSWORD`, `apiKey`, but not `TOKEN_FILE` or `MAX_TOKENS`. */
export function saysSecret(name: string): boolean {
  let answer = known.get(name);
  if (answer === undefined) {
    const words = name
      .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
      .toUpperCase()
      .replace(/[^A-Z0-9]+/g, '_');
    known.set(name, (answer = SECRET_WORDS.test(words)));
  }
  return answer;
}

/** What may stand for a secret without being one: a reference, a mask, a placeholder. */
const STANDS_FOR = '(?!\\\\?\\$[\\w({]|[{<*]|\\(not shown\\))';

/** What stands before a secret, and the secret. */
interface Form {
  readonly after?: string;
  readonly secret: string;
}

/**
 * Forms of well-known secrets: private keys (RFC 7468), user information in addresses (RFC 3986, section 3.2.1), pairs
 * of connection strings, JSON Web Tokens (RFC 7519), and the prefixes that vendors document so that their tokens are
 * found: GitHub, GitLab, Slack, Stripe, AWS, Google, OpenAI and Anthropic, npm, PyPI, SendGrid, HashiCorp Vault.
 */
const FORMS: readonly Form[] = [
  { secret: '-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----(?:(?!-----END)[^])*(?:-----END [A-Z0-9 ]*PRIVATE KEY-----)?' },
  { after: '://[^\\s/:@?#]{0,200}:', secret: `${STANDS_FOR}[^\\s/@?#]+(?=@)` },
  {
    after: '(?:[Pp]assword|PASSWORD|[Pp]wd|[Aa]ccount[Kk]ey|[Ss]hared[Aa]ccess[Kk]ey)\\s?=\\s?',
    secret: `${STANDS_FOR}[^\\s;&"']+`,
  },
  { secret: '\\beyJ[\\w-]{8,}\\.eyJ[\\w-]{8,}\\.[\\w-]+' },
  { secret: '\\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\\w{22,}|glpat-[\\w-]{20,}|xox[abeoprs]-[\\w-]{10,})' },
  { secret: '\\b(?:[srw]k_(?:live|test)_\\w{16,}|sk-[\\w-]{20,}|A(?:KIA|SIA)[0-9A-Z]{16}\\b|AIza[\\w-]{35})' },
  { secret: '\\b(?:npm_[A-Za-z0-9]{36}|pypi-[\\w-]{16,}|SG\\.[\\w-]{22}\\.[\\w-]{43}|hv[sbr]\\.[\\w-]{24,})' },
];

/** Asked of every text of a plan, so without looking back, which takes four times as long. */
const ANY = new RegExp(FORMS.map(({ after = '', secret }) => after + secret).join('|'));
const EACH = new RegExp(
  FORMS.map(({ after, secret }) => (after === undefined ? secret : `(?<=${after})${secret}`)).join('|'),
  'g',
);

/** Whether a text has the form of a secret, or holds one. */
export function looksSecret(text: string): boolean {
  return ANY.test(text);
}

/** A text without the secrets in it that have a known form. */
export function withoutSecrets(text: string): string {
  return looksSecret(text) ? text.replace(EACH, HIDDEN) : text;
}

/**
 * No secret, whatever its name says: nothing, references alone, a switch, the path of a file; nor what is known later,
 * of which the deployer knows whether it is one.
 */
const HARMLESS = /^(?:(?:\$\([^)]*\)|\$\{[^}]*\}|<ashlar:[^>]+>)*|true|false|none|(?:\/[\w.-]+){2,}\/?)$/i;

/** Whether a named value is a secret: by its form, or by its name where the value is more than a reference. */
export function isSecret(name: string, value: string): boolean {
  return looksSecret(value) || (saysSecret(name) && value !== HIDDEN && !HARMLESS.test(value));
}

/** A named value for people to read. */
export function shownValue(name: string, value: string): string {
  if (saysSecret(name) && isSecret(name, value)) return HIDDEN;
  return withoutSecrets(value);
}

/** An argument with its value: `--db-password=...`. */
const FLAG = /^(--?([\w.-]+)=)(.*)$/s;

/** Whether an argument is a secret, or a flag that says so of its value. */
export function isSecretArgument(text: string): boolean {
  if (!text.startsWith('-')) return looksSecret(text);
  const [, , flag = '', value = text] = FLAG.exec(text) ?? [];
  return isSecret(flag, value);
}

/** An argument for people to read. */
export function shownArgument(text: string): string {
  const [, start = '', flag = '', value = text] = FLAG.exec(text) ?? [];
  return start + shownValue(flag, value);
}
