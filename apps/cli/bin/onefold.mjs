#!/usr/bin/env node
import { launch } from '../../../packages/launcher/src/launch.mjs';

await launch({
  name: 'onefold',
  entry: new URL('../src/main.ts', import.meta.url),
  isLongLived: process.argv[2] === 'daemon',
});
