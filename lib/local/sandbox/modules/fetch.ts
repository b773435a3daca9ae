/** `fetch` over the sandbox's own http client: whole bodies, no redirects. */
import type { HostWork } from '../../ports';

interface Client {
  request(options: object, callback: (response: any) => void): any;
}

export function createFetch(client: () => Client, hostWork: HostWork): unknown {
  return async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    // Bodies are read by the host's streams, which virtual time must wait for.
    const done = hostWork.begin();
    let request: Request;
    let body: Buffer;
    try {
      request = new Request(input, init);
      body = Buffer.from(await request.arrayBuffer());
    } finally {
      done();
    }
    const url = new URL(request.url);
    return new Promise((resolve, reject) => {
      const sent = client().request(
        {
          protocol: url.protocol,
          hostname: url.hostname,
          port: url.port,
          path: `${url.pathname}${url.search}`,
          method: request.method,
          headers: Object.fromEntries(request.headers),
          signal: init?.signal ?? undefined,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            const noBody = [101, 204, 205, 304].includes(response.statusCode);
            resolve(
              new Response(noBody ? null : Buffer.concat(chunks), {
                status: response.statusCode,
                headers: response.headers,
              }),
            );
          });
        },
      );
      sent.on('error', (cause: Error) => reject(Object.assign(new TypeError('fetch failed'), { cause })));
      sent.end(body);
    });
  };
}
