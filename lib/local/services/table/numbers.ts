/**
 * DynamoDB's numbers: decimal, up to 38 significant digits, magnitude 1e-130 to 9.99...e125.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html#HowItWorks.DataTypes.Number
 *
 * 1. A number has one canonical text: plain digits, no exponent, no leading or trailing zeroes, no '+', no '-0'.
 * 2. Equal numbers therefore have equal text; all functions below but `canonical` take canonical text.
 */
import { invalid } from './errors';

const maxDigits = 38;
const maxExponent = 125;
const minExponent = -130;

const alreadyCanonical = /^(?:0|-?[1-9]\d{0,14})$/;
const grammar = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?$/;

/** The canonical text of a number as a client writes it; refuses what DynamoDB cannot store. */
export function canonical(text: string): string {
  if (alreadyCanonical.test(text)) return text;
  const match = grammar.exec(text);
  const whole = match?.[2] ?? '';
  const fraction = match?.[3] ?? '';
  if (!match || whole.length + fraction.length === 0) {
    throw invalid(
      text === ''
        ? 'The parameter cannot be converted to a numeric value'
        : `The parameter cannot be converted to a numeric value: ${text}`,
    );
  }
  return render(match[1] === '-', whole + fraction, Number(match[4] ?? 0) - fraction.length);
}

/** `digits` times ten to the `exponent`, in canonical text. */
function render(negative: boolean, digits: string, exponent: number): string {
  const first = digits.search(/[1-9]/);
  if (first < 0) return '0';
  let last = digits.length;
  while (digits[last - 1] === '0') last--;
  const significant = digits.slice(first, last);
  const scale = exponent + (digits.length - last);
  const magnitude = scale + significant.length - 1;
  if (magnitude > maxExponent) {
    throw invalid('Number overflow. Attempting to store a number with magnitude larger than supported range');
  }
  if (magnitude < minExponent) {
    throw invalid('Number underflow. Attempting to store a number with magnitude smaller than supported range');
  }
  if (significant.length > maxDigits) {
    throw invalid('Attempting to store more than 38 significant digits in a Number');
  }
  const sign = negative ? '-' : '';
  if (scale >= 0) return sign + significant + '0'.repeat(scale);
  const point = significant.length + scale;
  if (point > 0) return `${sign}${significant.slice(0, point)}.${significant.slice(point)}`;
  return `${sign}0.${'0'.repeat(-point)}${significant}`;
}

/** Negative, zero or positive, as `a` is below, equal to or above `b`. */
export function compareNumbers(a: string, b: string): number {
  if (a === b) return 0;
  // Rounding to a double keeps order, so only equal doubles need the digits.
  const rough = Number(a) - Number(b);
  if (rough !== 0) return rough;
  const difference = subtractExactly(a, b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

const small = /^-?\d{1,15}$/;

export function addNumbers(a: string, b: string): string {
  if (small.test(a) && small.test(b)) return canonical(String(Number(a) + Number(b)));
  const [left, right, exponent] = align(a, b);
  return fromInteger(left + right, exponent);
}

export function subtractNumbers(a: string, b: string): string {
  return addNumbers(a, b === '0' ? b : b.startsWith('-') ? b.slice(1) : `-${b}`);
}

function fromInteger(value: bigint, exponent: number): string {
  return render(value < 0n, String(value < 0n ? -value : value), exponent);
}

function subtractExactly(a: string, b: string): bigint {
  const [left, right] = align(a, b);
  return left - right;
}

/** Both as integers at the same power of ten. */
function align(a: string, b: string): [bigint, bigint, number] {
  const places = Math.max(fractionLength(a), fractionLength(b));
  return [toInteger(a, places), toInteger(b, places), -places];
}

function fractionLength(text: string): number {
  const point = text.indexOf('.');
  return point < 0 ? 0 : text.length - point - 1;
}

function toInteger(text: string, places: number): bigint {
  return BigInt(text.replace('.', '') + '0'.repeat(places - fractionLength(text)));
}

/**
 * Bytes that a number takes in an item: one for two significant digits, counted in pairs from the decimal point (9.5 has
 * two pairs), one more, and one for a minus sign. The pairs are as DynamoDB Local 3.3.0 counts them.
 */
export function numberSize(text: string): number {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  const even = (digits: string) => digits.length + (digits.length % 2);
  const pairs = whole.padStart(even(whole), '0') + fraction.padEnd(even(fraction), '0');
  const significant = pairs.replace(/^(?:00)+/, '').replace(/(?:00)+$/, '');
  return significant.length / 2 + 1 + (text.startsWith('-') ? 1 : 0);
}
