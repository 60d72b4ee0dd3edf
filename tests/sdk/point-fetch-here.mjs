// For Node: `ROUNDTRIP_URL=http://127.0.0.1:8000 node --import ./point-fetch-here.mjs your-site.mjs`. The site itself stays unchanged.

import { pointFetchAt } from './point-fetch-at.mjs';

pointFetchAt(process.env.ROUNDTRIP_URL);
