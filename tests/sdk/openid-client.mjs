// A relying party made with the unmodified openid-client: one command per line of standard input, one answer per line of output.
import { webcrypto } from 'node:crypto';
import { createInterface } from 'node:readline';

globalThis.crypto ??= webcrypto; // older Nodes
const client = await import('openid-client');
const settings = JSON.parse(process.argv[2]);
const metadata = { id_token_signed_response_alg: settings.alg };
const authentication = settings.post ? client.ClientSecretPost(settings.secret) : client.ClientSecretBasic(settings.secret);
const config = await client.discovery(new URL(settings.issuer), settings.clientId, metadata, authentication, {
  execute: [client.allowInsecureRequests],
});
let checks;

const commands = {
  async start(extra) {
    checks = { pkceCodeVerifier: client.randomPKCECodeVerifier(), expectedState: client.randomState(), expectedNonce: client.randomNonce() };
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: settings.redirectUri,
      scope: 'openid email profile offline_access',
      code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
      code_challenge_method: 'S256',
      state: checks.expectedState,
      nonce: checks.expectedNonce,
      ...extra,
    });
    return url.href;
  },
  async finish(back) {
    // A form_post arrives as a request, a query as an address; the library reads both.
    const arrived = back.form
      ? new Request(settings.redirectUri, {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams(back.form).toString(),
        })
      : new URL(back.url);
    const tokens = await client.authorizationCodeGrant(config, arrived, { ...checks, idTokenExpected: true });
    return { ...tokens, claims: tokens.claims() };
  },
  refresh: (token) => client.refreshTokenGrant(config, token),
  userinfo: ({ token, sub }) => client.fetchUserInfo(config, token, sub),
  introspect: (token) => client.tokenIntrospection(config, token),
  async revoke(token) {
    await client.tokenRevocation(config, token);
    return true;
  },
  endSession: (hint) => client.buildEndSessionUrl(config, { id_token_hint: hint, post_logout_redirect_uri: settings.afterLogout, state: 'bye' }).href,
  clientCredentials: () => client.clientCredentialsGrant(config),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { command, argument } = JSON.parse(line);
  let answer;
  try {
    answer = { value: await commands[command](argument) };
  } catch (error) {
    answer = { error: { name: error.name, code: error.code, oauth: error.error, message: error.message } };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
