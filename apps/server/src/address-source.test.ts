import { expect, test } from 'vitest';
import { sourceOf } from './address-source.ts';

test('an IPv4 address stands for itself, however it is written', () => {
  expect(sourceOf('198.51.100.7')).toBe('198.51.100.7');
  expect(sourceOf('::ffff:198.51.100.7')).toBe('198.51.100.7');
});

test('all addresses of an IPv6 network are one source, and those of another are another', () => {
  const own = ['2001:db8:1:2::1', '2001:0DB8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::'];
  expect(new Set(own.map(sourceOf))).toEqual(new Set(['2001:db8:1:2']));
  expect(sourceOf('2001:db8:1:3::1')).toBe('2001:db8:1:3');
  expect(sourceOf('2001:db8::1')).toBe('2001:db8:0:0');
  expect(sourceOf('::1')).toBe('0:0:0:0');
  expect(sourceOf('fe80::1%eth0')).toBe('fe80:0:0:0');
});

test('what is no address stands for itself', () => {
  for (const words of ['', 'unknown', 'host:80']) expect(sourceOf(words)).toBe(words);
});
