// A customer's server, as far as webhooks go: takes {"body", "appId", "publicKey"} as one JSON line, lets the official SDK verify and
// unpack it, and says what its handler got, or why it was refused. `tests/sdk/test_webhooks.py` asks.

import { createInterface } from 'node:readline';
import { orders } from '@wix/ecom';
import { redirects } from '@wix/redirects';
import { AppStrategy, createClient } from '@wix/sdk';

async function receive({ body, appId, publicKey }) {
  const client = createClient({ auth: AppStrategy({ appId, publicKey }), modules: { orders, redirects } });
  const got = [];
  client.redirects.onRedirectSessionCreated((event) => got.push({ handler: 'created', ...event }));
  client.orders.onOrderApproved((event) => got.push({ handler: 'approved', ...event }));
  try {
    await client.webhooks.process(body);
    return { got };
  } catch (error) {
    return { refused: String(error?.message ?? error) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await receive(JSON.parse(line))));
}
