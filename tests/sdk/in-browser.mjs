// What a site's own bundle would contain. `window.official.client(...)` makes a client of the unmodified SDK that talks to Roundtrip.

import { members } from '@wix/members';
import { redirects } from '@wix/redirects';
import { createClient, OAuthStrategy } from '@wix/sdk';

import { pointFetchAt } from './point-fetch-at.mjs';

globalThis.official = {
  client({ serverUrl, clientId, tokens }) {
    pointFetchAt(serverUrl);
    return createClient({ modules: { members, redirects }, auth: OAuthStrategy({ clientId, tokens }) });
  },
};
