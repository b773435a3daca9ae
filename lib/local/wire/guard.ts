/**
 * Who may speak to the port. It listens on loopback only, but a web page in the user's browser can reach it there:
 * by its own origin, or by a name that is made to point to 127.0.0.1 (DNS rebinding).
 */

/** The reason for refusing a request with these headers, or undefined. */
export function refusalOf(headers: Record<string, string>): string | undefined {
  const { host, origin } = headers;
  if (host === undefined || !(isLoopback(hostName(host)) || isAmazon(hostName(host)))) {
    return `the host '${host ?? ''}' is not this machine; use 127.0.0.1 or localhost`;
  }
  // Names of Amazon's are not enough for an origin: anybody can serve a page from them.
  if (origin !== undefined && !isLoopback(hostName(origin.replace(/^https?:\/\//i, '')))) {
    return `requests by web pages of '${origin}' are not served`;
  }
  if (headers['sec-fetch-site'] === 'cross-site') return 'requests by web pages of other sites are not served';
  return undefined;
}

const hostName = (authority: string): string => authority.replace(/:\d+$/, '').toLowerCase();

const isLoopback = (name: string): boolean => /^(?:.+\.)?(?:localhost|127\.0\.0\.1)$/.test(name) || name === '[::1]';

const isAmazon = (name: string): boolean => /^(?:.+\.)?amazonaws\.com(?:\.cn)?$/.test(name);
