/**
 * Makes the accounts of a MongoDB, in the language of its shell. Safe to repeat: it looks first, and changes what is
 * otherwise. It starts the replica set where there is none yet. A login that no account has any more is dropped; that
 * of the generation before stays, since pods may still use it.
 *
 * `mongosh --nodb --file` runs it; variables say the rest (see `setUpParts`).
 */
export const MONGO_SET_UP = `
const { ADMIN_URL, MEMBER, ACCOUNTS } = process.env;
const ROLES = { owner: ['readWrite', 'dbAdmin'], reader: ['read'] };

function connected() {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return connect(ADMIN_URL);
    } catch (error) {
      if (attempt === 150) throw error;
      sleep(2000);
    }
  }
}

function accounts() {
  return Array.from({ length: Number(ACCOUNTS) }, (_, index) => {
    const of = (field) => process.env['ACCOUNT_' + (index + 1) + '_' + field];
    return { user: of('USER'), password: of('PASSWORD'), level: of('LEVEL'), database: of('SCOPE'), resting: of('RESTING') };
  });
}

function initiate(admin) {
  if (MEMBER === undefined || admin.hello().setName !== undefined) return;
  admin.adminCommand({ replSetInitiate: { _id: 'rs0', members: [{ _id: 0, host: MEMBER }] } });
}

function waitForPrimary(admin) {
  while (!admin.hello().isWritablePrimary) sleep(1000);
}

function ensureAccount(admin, { user, password, level, database }) {
  const target = admin.getSiblingDB(database);
  const roles = ROLES[level].map((role) => ({ role, db: database }));
  const known = target.getUser(user) !== null;
  if (known) target.updateUser(user, { pwd: password, roles });
  else target.createUser({ user, pwd: password, roles });
  print((known ? 'kept ' : 'made ') + user + ' (' + level + ' of ' + database + ')');
}

function dropOthers(admin, all) {
  for (const database of new Set(all.map((account) => account.database))) {
    const kept = new Set(all.flatMap(({ user, resting }) => [user, resting]));
    const target = admin.getSiblingDB(database);
    for (const { user } of target.getUsers().users) {
      if (kept.has(user)) continue;
      target.dropUser(user);
      print('dropped ' + user);
    }
  }
}

function ensureExporter(admin) {
  const { EXPORTER_USER: user, EXPORTER_PASSWORD: pwd } = process.env;
  if (user === undefined) return;
  const roles = [{ role: 'clusterMonitor', db: 'admin' }, { role: 'read', db: 'local' }];
  if (admin.getUser(user) !== null) admin.updateUser(user, { pwd, roles });
  else admin.createUser({ user, pwd, roles });
}

const admin = connected();
initiate(admin);
waitForPrimary(admin);
const all = accounts();
for (const account of all) ensureAccount(admin, account);
dropOthers(admin, all);
ensureExporter(admin);
`.trimStart();
