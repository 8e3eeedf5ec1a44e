// Reads {credential, documents, now} from standard input and verifies the credential with verifier-core, the library
// inside Learner Credential Wallet and VerifierPlus. Prints {log, errors, schema} as JSON: log id -> valid, the names of
// the errors, and whether the declared JSON Schema was met (null: it was not looked at).
// `documents` (address or DID -> document) is all that it can reach: every other request answers 404.
import {readFileSync} from 'node:fs';

const {credential, documents, now} = JSON.parse(readFileSync(0, 'utf8'));

const RealDate = Date;
const ahead = new RealDate(now).getTime() - RealDate.now();
globalThis.Date = class extends RealDate {
  constructor(...given) {
    super(...(given.length ? given : [RealDate.now() + ahead]));
  }
  static now() {
    return RealDate.now() + ahead;
  }
};

function didAt(url) {
  const {host, pathname} = new URL(url);
  const path = pathname.replace(/^\/(\.well-known\/)?/, '').replace(/\/?did\.json$/, '');
  return ['did:web', encodeURIComponent(host), ...path.split('/').filter(Boolean)].join(':');
}

globalThis.fetch = async request => {
  const url = typeof request === 'string' ? request : request.url;
  const found = documents[url] ?? documents[didAt(url)];
  const headers = {'content-type': 'application/json'};
  return found ?
    new Response(JSON.stringify(found), {status: 200, headers}) : new Response('{}', {status: 404, headers});
};

const {verifyCredential} = await import('@digitalcredentials/verifier-core');
const result = await verifyCredential({credential, knownDIDRegistries: []});
const schemas = (result.additionalInformation ?? []).flatMap(({results}) => results ?? []);
process.stdout.write(JSON.stringify({
  log: Object.fromEntries((result.log ?? []).map(({id, valid, error}) => [id, error ? error.name : valid])),
  errors: (result.errors ?? []).map(({name}) => name),
  schema: schemas.length ? schemas.every(({result: found}) => found.valid === true) : null
}));
