export { type CompiledPattern, compilePattern } from './compile';
export { leavesOf, parseEvent } from './leaves';
export { matches } from './match';
export { InvalidEventPatternError } from './refuse';
export { RuleIndex } from './rule-index';
