// Reads {credential, documents, now} from standard input, verifies the credential with Digital Bazaar's libraries,
// prints {verified, revoked, error} as JSON. `documents` (address -> document) is all that it may load: no network.
import {readFileSync} from 'node:fs';
import {verifyCredential} from '@digitalbazaar/vc';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {checkStatus} from '@digitalbazaar/vc-bitstring-status-list';

const {credential, documents, now} = JSON.parse(readFileSync(0, 'utf8'));

async function documentLoader(url) {
  const [base, fragment] = url.split('#');
  let document = documents[url] ?? documents[base];
  if(!document) {
    throw new Error(`not allowed to load ${url}`);
  }
  if(fragment && base.startsWith('did:')) {
    const method = document.verificationMethod.find(({id}) => id === url);
    if(!method) {
      throw new Error(`no verification method ${url}`);
    }
    document = {'@context': 'https://w3id.org/security/multikey/v1', ...method};
  }
  return {contextUrl: null, documentUrl: url, document, tag: 'static'};
}

function messages(error) {
  if(!error) {
    return [];
  }
  return [error.message, ...(error.errors ?? []).flatMap(messages), ...messages(error.cause)];
}

const suite = () => new DataIntegrityProof({cryptosuite});
const result = await verifyCredential({
  credential,
  suite: suite(),
  documentLoader,
  now: new Date(now),
  checkStatus: options => checkStatus({
    ...options, documentLoader, suite: suite(), verifyBitstringStatusListCredential: true
  })
});
// checkStatus answers "verified" for a revoked badge too; the bit itself is in its results.
const revoked = (result.statusResult?.results ?? []).some(({status}) => status === true);
process.stdout.write(JSON.stringify({
  verified: result.verified, revoked, error: [...messages(result.error), ...messages(result.statusResult?.error)].join(' | ')
}));
