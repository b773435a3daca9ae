import { newest } from '../../lib/domain/newest';
import { replyTo } from '../support/samples';

test('the later attempt counts, in whatever order they come', () => {
  expect(newest(replyTo(1), replyTo(2))).toEqual(replyTo(2));
  expect(newest(replyTo(2), replyTo(1))).toEqual(replyTo(2));
});

test('times are compared as moments, not as text', () => {
  const early = { ...replyTo(1), askedAt: '2030-11-25T09:00:00.000Z' };
  const late = { ...replyTo(2), askedAt: '2030-11-25T10:30:00.000+01:00' };
  expect(newest(early, late)).toEqual(late);
  expect(newest(late, early)).toEqual(late);
});

test('one that is not known does not replace one that is', () => {
  expect(newest(replyTo(1), undefined)).toEqual(replyTo(1));
  expect(newest(undefined, replyTo(1))).toEqual(replyTo(1));
  expect(newest(undefined, undefined)).toBeUndefined();
});
