import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { describeSurface } from './index.ts';

/**
 * Changing the surface is a decision: programs outside this repository rely on it. Then, and only then, pin what changed anew. Each call
 * and event is pinned by itself, so that a new one adds a line and touches no other.
 */
const PINS: Readonly<Record<string, string>> = {
  'call account': '6b07982ff95938b7',
  'call activity': '36e9b54f900ca1ab',
  'call add': '9e0d81bcb1440396',
  'call answerLinking': 'b19cfdb58ea8c8c5',
  'call changePassword': 'aeefeec8d7ea5d2a',
  'call checkRule': '88d519b0ee3e9db2',
  'call confirm': 'e79f4a95decf9fde',
  'call createAccount': 'e34827494b26f31e',
  'call conflicts': 'cae6cf896c233e05',
  'call deleteAccount': '61d13e26e41dfa30',
  'call devices': '8aa00239f96bc854',
  'call doctor': 'd21bb77b8393361d',
  'call dropNewKit': 'c1e848b43cf0ccf5',
  'call emptyTrash': 'f1abc4d7d696dfbd',
  'call explain': '25e6f7e112eb4ce3',
  'call keepKit': 'f43f18c5caf272a9',
  'call keepNewKit': 'c1e848b43cf0ccf5',
  'call linkHere': '8497f499ece71307',
  'call linking': '70d32d98d2581e9c',
  'call locate': '0dc49edabc83ca3b',
  'call ls': 'd2d6decacde1174c',
  'call oneWay': 'd93acda5708d25e6',
  'call ownServer': 'dd9dfca6bfe80db7',
  'call pause': 'cbb5357eb94cbe57',
  'call previewRules': '266160d4f5d09a2b',
  'call profile': '1d1cb72346e6f013',
  'call purgeDeleted': '442b87ce8971175c',
  'call purgeVersion': 'f029550287130d60',
  'call push': '48d7b49ec60cbff0',
  'call recoverAccount': '4c0aa40cee06bf2e',
  'call reject': 'e79f4a95decf9fde',
  'call remove': '42ac8281da643af0',
  'call renameDevice': '7ae7ee8795bd883f',
  'call restore': 'e2678f7742ed2128',
  'call restoreTrash': 'b1e8ae0ac74b874a',
  'call resume': 'cbb5357eb94cbe57',
  'call retention': '62a0c087f836d39e',
  'call revokeDevice': 'b0fc1ac4586d8f83',
  'call rules': '806279f3afd4af37',
  'call selection': '9928166cbcb8da7c',
  'call setOneWay': '95600d3e60c5318a',
  'call setProfile': '15d8a897b873b5f1',
  'call setPush': '4265ae2a95eb2a96',
  'call setRetention': '9eb46f27ba8b2279',
  'call setRules': 'b1a5569219e85913',
  'call setSelection': 'd13972f71d0669aa',
  'call setSettings': 'ee224b77d6183483',
  'call settings': '2dab420f093284c5',
  'call settleOneWay': '73bf4ced97bf3eca',
  'call setup': 'f43f18c5caf272a9',
  'call signIn': 'caf278202ce59e79',
  'call signOut': 'c1e848b43cf0ccf5',
  'call startLinking': '70d32d98d2581e9c',
  'call startServer': '03f2598e4a296424',
  'call status': '5250d8a74b870776',
  'call stop': 'c1e848b43cf0ccf5',
  'call stopLinking': 'c1e848b43cf0ccf5',
  'call stopServer': 'c1e848b43cf0ccf5',
  'call stopSetup': 'f43f18c5caf272a9',
  'call syncWait': 'fad8f0fe1a137ac3',
  'call trash': '7eda4bf966e125da',
  'call uiUrl': 'b36c7906fd91d51e',
  'call verifyDevice': 'b0fc1ac4586d8f83',
  'call versions': '49ec26483d9132a0',
  'call diagnostics': 'cc8c7f6e33d80b72',
  'call goBack': 'd7e1f19967f01368',
  'call lookBack': 'c35ea87f7b42bbe1',
  'call mergeConflict': '3cd30391f3e58c7b',
  'call move': 'f176667d7ee50141',
  'call moveServer': '11649123e4fae9d1',
  'call preview': '4347200a69f566d6',
  'call resolveConflict': '8c2250846c923bb3',
  'call search': 'd4fcd7cfddc7dbab',
  'call storage': '8762543a73e566f8',
  'call undo': '4211899332c2ef2b',
  'event activity': '6517919df9526854',
  'event conflicts': '9597c5931e07eb57',
  'event linking': '0d478dc8ba932d06',
  'event setup': '5557b982c170b52d',
  'event status': '30cf2d94dea272c2',
  'event throughput': '84ff178220dd2e58',
  'event uploading': '7028948f13437b4f',
  reply: '7d53e1df4a41f9bb',
  request: 'f02235b6b41cc5fb',
};

test('the control surface is the one that is pinned', () => {
  const { calls, events, ...messages } = describeSurface();
  const parts = { ...messages, ...named('call', calls), ...named('event', events) };
  const found = Object.entries(parts).map(([name, schema]) => [
    name,
    createHash('sha256').update(JSON.stringify(schema)).digest('hex').slice(0, 16),
  ]);
  expect(Object.fromEntries(found)).toEqual(PINS);
});

function named(kind: string, schemas: unknown): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(schemas as Record<string, unknown>).map(([name, schema]) => [`${kind} ${name}`, schema]),
  );
}
