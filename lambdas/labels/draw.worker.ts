/** What a thread of the drawing pool runs: bundled beside the handler as draw.worker.js (lib/constructs/bundle.ts). */
export { drawLabel as default } from './draw';
