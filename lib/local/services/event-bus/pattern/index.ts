export { type CompiledPattern, compilePattern, InvalidEventPatternError } from './compile';
export { leavesOf, parseEvent } from './leaves';
export { matches } from './match';
export { RuleIndex } from './rule-index';
