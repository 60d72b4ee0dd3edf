// Holds one client of the official SDK and does what `tests/sdk/bridge.py` asks: one JSON line in, one JSON line out.
//   {"call": "auth.getAuthUrl", "args": [...]}            -> {"value": ...} or {"error": {...}}
//   {"together": [{"call": ..., "args": ...}, ...]}       -> {"value": [{"value": ...}, {"error": ...}]}
//   {"begin": {"clientId", "tokens", "headers"}}          -> a new client, which all that follows is asked of
//   {"requests": true}                                    -> {"value": [{"method", "url", "status"}, ...]} since the last time

import { createInterface } from 'node:readline';
import { members } from '@wix/members';
import { redirects } from '@wix/redirects';
import { createClient, OAuthStrategy } from '@wix/sdk';

const requests = [];
const mappedFetch = globalThis.fetch;
globalThis.fetch = async (resource, options) => {
  const response = await mappedFetch(resource, options);
  requests.push({ method: options?.method ?? 'GET', url: String(resource?.url ?? resource), status: response.status });
  return response;
};

let client;

function begin({ clientId, tokens, headers }) {
  client = createClient({ modules: { members, redirects }, auth: OAuthStrategy({ clientId, tokens }), headers });
  requests.length = 0;
  return { value: null };
}

async function outcome({ call, args }) {
  try {
    const path = call.split('.');
    const name = path.pop();
    const owner = path.reduce((object, key) => object[key], client);
    return { value: (await owner[name](...args)) ?? null };
  } catch (error) {
    const { message, details, status } = error;
    return { error: { name: error.constructor.name, message, details, status } };
  }
}

async function answer(asked) {
  if (asked.begin) {
    return begin(asked.begin);
  }
  if (asked.requests) {
    return { value: requests.splice(0) };
  }
  if (asked.together) {
    return { value: await Promise.all(asked.together.map(outcome)) };
  }
  return outcome(asked);
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
}
