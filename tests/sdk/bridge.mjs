// Holds one client of the official SDK (a site's, or with an API key its owner's) and does what `tests/sdk/bridge.py` asks:
// one JSON line in, one JSON line out.
//   {"call": "auth.getAuthUrl", "args": [...]}            -> {"value": ...} or {"error": {...}}
//   {"together": [{"call": ..., "args": ...}, ...]}       -> {"value": [{"value": ...}, {"error": ...}]}
//   {"call": "products.queryProducts", "then": [["eq", ["slug", "mug"]], ["find", []]]}  goes on with what the call gave;
//       of a page of results the answer is {"items", "totalCount", "hasNext", "hasPrev"}
//   {"begin": {"clientId", "tokens", "headers", "apiHost"}}  -> a new client, which all that follows is asked of
//   {"requests": true}                                    -> {"value": [{"method", "url", "body", "status"}, ...]} since the last time

import { createInterface } from 'node:readline';
import { availabilityCalendar, availabilityTimeSlots, bookings as booked, categoriesV2, eventTimeSlots, extendedBookings, services } from '@wix/bookings';
import { backInStockNotifications, cart, checkout, currentCart, orderFulfillments, orders, recommendations } from '@wix/ecom';
import {
  forms as eventForms, orders as eventOrders, policies as eventPolicies, rsvpV2, schedule, ticketDefinitionsV2, ticketReservations, tickets, wixEventsV2,
} from '@wix/events';
import { authentication } from '@wix/identity';
import { members } from '@wix/members';
import { orders as planOrders, plans } from '@wix/pricing-plans';
import { redirects } from '@wix/redirects';
import { ApiKeyStrategy, createClient, OAuthStrategy } from '@wix/sdk';
import { catalogVersioning, collections, inventory, products, productsV3 } from '@wix/stores';

const requests = [];
const mappedFetch = globalThis.fetch;
globalThis.fetch = async (resource, options) => {
  const response = await mappedFetch(resource, options);
  requests.push({
    method: options?.method ?? 'GET',
    url: String(resource?.url ?? resource),
    body: typeof options?.body === 'string' ? options.body : null,
    status: response.status,
  });
  return response;
};

let client;
const stores = { catalogVersioning, collections, inventory, products, productsV3 };
const bookings = { availabilityCalendar, availabilityTimeSlots, bookings: booked, categoriesV2, eventTimeSlots, extendedBookings, services };
const ecom = { backInStockNotifications, cart, checkout, currentCart, orderFulfillments, orders, recommendations };

const events = { eventForms, eventOrders, eventPolicies, rsvpV2, schedule, ticketDefinitionsV2, ticketReservations, tickets, wixEventsV2 };

function begin({ clientId, tokens, headers, apiKey, siteId, apiHost }) {
  client = createClient({
    modules: { authentication, members, redirects, ...stores, ...ecom, ...bookings, ...events, planOrders, plans },
    // The SDK asks other hosts than its maker's for other paths.
    host: apiHost ? { apiBaseUrl: apiHost } : undefined,
    auth: apiKey ? ApiKeyStrategy({ apiKey, siteId }) : OAuthStrategy({ clientId, tokens }),
    headers,
  });
  requests.length = 0;
  return { value: null };
}

function shown(value) {
  // What a page of results is asked for are getters and methods, which no JSON has.
  return typeof value?.hasNext === 'function'
    ? { items: value.items, totalCount: value.totalCount ?? null, hasNext: value.hasNext(), hasPrev: value.hasPrev() }
    : value;
}

async function outcome({ call, args, then = [] }) {
  try {
    const path = call.split('.');
    const name = path.pop();
    const owner = path.reduce((object, key) => object[key], client);
    let value = await owner[name](...args);
    for (const [step, given] of then) {
      value = await value[step](...given);
    }
    return { value: shown(value) ?? null };
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
