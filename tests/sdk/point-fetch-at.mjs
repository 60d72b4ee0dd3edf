// Lets the official SDK, which knows only its maker's two API hosts, talk to a Roundtrip server: every `fetch` to one of them goes to
// `serverUrl` instead, with the same path, method, headers and body. Works in Node and in browsers; nothing else is touched.

const API_HOSTS = new Set(['www.wixapis.com', 'edge.wixapis.com']);

export function pointFetchAt(serverUrl) {
  const originalFetch = globalThis.fetch;
  globalThis.fetch = (resource, options) => {
    const request = resource instanceof Request ? resource : undefined;
    const url = new URL(request ? request.url : resource, globalThis.location?.href);
    if (!API_HOSTS.has(url.hostname)) {
      return originalFetch(resource, options);
    }
    const target = new URL(url.pathname + url.search, serverUrl);
    return originalFetch(request ? new Request(target, request) : target, options);
  };
}
