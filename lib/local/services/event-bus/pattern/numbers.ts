/**
 * Numbers as patterns compare them: by value, as long as a double holds them exactly as written; other numbers (17
 * digits, 1e400) are compared by their text only.
 * Source: aws/event-ruler, "Numeric matching" (README) and the recorded cases 300 / 300.0 / 3.0e2.
 */

/** The value, or undefined when a double cannot hold what is written. */
export function comparable(text: string): number | undefined {
  const value = Number(text);
  if (!Number.isFinite(value)) return undefined;
  // Short integers are exact; the common case needs no big arithmetic.
  if (/^-?\d{1,15}$/.test(text)) return value;
  return sameDecimal(text, String(value)) ? value : undefined;
}

function sameDecimal(a: string, b: string): boolean {
  const [left, right] = [decimal(a), decimal(b)];
  return (
    left.digits === right.digits &&
    (left.digits === '' || (left.exponent === right.exponent && left.sign === right.sign))
  );
}

/** digits x 10^exponent, without leading or trailing zeros in `digits` ('' for zero). */
function decimal(text: string): { sign: string; digits: string; exponent: number } {
  const [, sign = '', whole = '', fraction = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const all = (whole + fraction).replace(/^0+/, '');
  const digits = all.replace(/0+$/, '');
  return { sign, digits, exponent: Number(power) - fraction.length + (all.length - digits.length) };
}
