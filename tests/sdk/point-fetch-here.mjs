// For Node: `ROUNDTRIP_URL=http://127.0.0.1:8000 node --import ./point-fetch-here.mjs your-site.mjs`. The site itself stays unchanged.

import { webcrypto } from 'node:crypto';

import { pointFetchAt } from './point-fetch-at.mjs';

// The SDK expects the browsers' `crypto`, which Node 18 has but does not show.
globalThis.crypto ??= webcrypto;

pointFetchAt(process.env.ROUNDTRIP_URL);
