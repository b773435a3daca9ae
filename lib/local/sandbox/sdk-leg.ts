/**
 * The way of a function's own calls to AWS and back. The request's leg and the answer's leg are steps of their own, with
 * a seeded latency each, so that what two functions do interleaves as it could on AWS; between the legs nobody owns the
 * call: it takes effect even when its caller has died.
 */
import type { FaultDecision, Faults, Millis, Random, Scheduler } from '../ports';
import type { HttpRequest, HttpResponse, Transport } from '../wire/transport';
import { describeCall, type SdkCall, serviceOfHost } from './sdk-call';

export interface Caller {
  functionName: string;
  invocationId: string;
  /** From 0 in each invocation. */
  index: number;
  /** Kills the environment, as a crash of its machine would. */
  crash(): void;
}

export interface LegPorts {
  scheduler: Scheduler;
  faults: Faults;
  transport: Transport;
}

/** One way between function and service, in ms. Unverified: the order of magnitude within one region. */
const latency = (random: Random): Millis => 1 + random.below(8);

/** Its input is read when a fault looks at it (SdkCall says why this is a class). */
class SdkCrossing {
  readonly at = 'sdk';
  readonly service: string;
  readonly operation: string;

  constructor(
    readonly functionName: string,
    readonly invocationId: string,
    readonly index: number,
    private readonly call: SdkCall,
  ) {
    this.service = call.service;
    this.operation = call.operation;
  }

  get input(): unknown {
    return this.call.input;
  }
}

/** Calls `answer` or `broken` at most once, in a step of its own; neither where the call or its answer is lost. */
export function send(
  ports: LegPorts,
  random: Random,
  request: HttpRequest,
  caller: Caller,
  answer: (response: HttpResponse) => void,
  broken: (error: NodeJS.ErrnoException) => void,
): void {
  const { scheduler, faults } = ports;
  const host = request.headers.host ?? '';
  const there = latency(random);
  const back = latency(random);
  const later = (ms: Millis, work: () => void): void => void scheduler.at(scheduler.now() + ms, work);
  if (serviceOfHost(host) === undefined) {
    later(there, () => broken(unreachable(host)));
    return;
  }
  const { functionName, invocationId, index } = caller;
  const call = describeCall(request);
  const decision = faults.decide(new SdkCrossing(functionName, invocationId, index, call));
  const ask = (sent: HttpRequest, received: (response: HttpResponse) => void): void => {
    ports
      .transport(sent, { functionName, invocationId, index })
      .then((response) => received(dated(response, scheduler.now())));
  };
  const reply = (response: HttpResponse): void => later(back, () => answer(response));
  const fault = (error: Extract<FaultDecision, { error: string }>): void =>
    error.error === 'network'
      ? later(back, () => broken(reset(host)))
      : reply(dated(errorResponse(call.service, error), scheduler.now()));
  switch (decision?.do) {
    case undefined:
      later(there, () => ask(request, reply));
      return;
    case 'crash-before':
      caller.crash();
      return;
    case 'crash-after':
      if (decision.laterMs !== undefined) {
        later(there + decision.laterMs, () => ask(request, () => {}));
        caller.crash();
        return;
      }
      later(there, () => ask(request, () => caller.crash()));
      return;
    case 'lose':
    case 'timeout':
      return;
    case 'answer-lost':
      later(there, () => ask(request, () => {}));
      return;
    case 'later':
      later(there + decision.laterMs, () => ask(request, reply));
      return;
    case 'twice':
      later(there, () => ask(request, reply));
      later(there + (decision.laterMs ?? 0), () => ask(request, () => {}));
      return;
    case 'fail-before':
      later(there, () => fault(decision));
      return;
    case 'fail-after':
      later(there, () => ask(request, () => fault(decision)));
      return;
    case 'rewrite-input': {
      const input = JSON.parse(request.body.toString());
      const sent = withBody(request, decision.rewrite(input));
      const { rewriteReply } = decision;
      later(there, () =>
        ask(sent, (response) => {
          if (!rewriteReply || response.status >= 300) reply(response);
          else reply(withBody(response, rewriteReply(JSON.parse(response.body.toString() || '{}'), input)));
        }),
      );
    }
  }
}

function withBody<T extends { headers: Record<string, string>; body: Buffer }>(message: T, value: unknown): T {
  const body = Buffer.from(JSON.stringify(value));
  const headers: Record<string, string> = { ...message.headers, 'content-length': String(body.length) };
  // A checksum of the old body would be found wrong.
  delete headers['x-amz-crc32'];
  return { ...message, headers, body };
}

/** With a virtual Date header, or the SDK would correct its clock by the difference. */
function dated(response: HttpResponse, now: Millis): HttpResponse {
  return { ...response, headers: { ...response.headers, date: new Date(now).toUTCString() } };
}

function errorResponse(service: string, error: Extract<FaultDecision, { error: string }>): HttpResponse {
  const message = error.message ?? 'Injected by a fault.';
  const status = error.status ?? (/Internal|Unavailable|Failure/.test(error.error) ? 500 : 400);
  if (service === 's3') {
    const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${error.error}</Code><Message>${message}</Message></Error>`;
    return { status, headers: { 'content-type': 'application/xml' }, body: Buffer.from(body) };
  }
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-errortype': error.error },
    body: Buffer.from(JSON.stringify({ __type: error.error, message, ...error.members })),
  };
}

function reset(host: string): NodeJS.ErrnoException {
  return outside('read ECONNRESET', { code: 'ECONNRESET', errno: -104, syscall: 'read', host });
}

function unreachable(host: string): NodeJS.ErrnoException {
  const message = `getaddrinfo ENOTFOUND ${host} (a function in the sandbox reaches AWS services only)`;
  return outside(message, { code: 'ENOTFOUND', errno: -3008, syscall: 'getaddrinfo', hostname: host });
}

/** Frames of this process, in its stack, would make a trace tell where and by whom it was made. */
function outside(message: string, more: object): NodeJS.ErrnoException {
  return Object.assign(new Error(message), { ...more, stack: `Error: ${message}` });
}
