// `npm run twin -- --minutes M --seed S`: the black-box twin of the simulation. Prints what it does; ends with 1 when something was lost.
import { parseArgs } from 'node:util';
import { runTwin } from './twin.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    acts: { type: 'string', default: '120' },
  },
});
const limitMs = Number(values.minutes) * 60_000;

try {
  const report = await runTwin({
    seed: values.seed,
    rounds: Infinity,
    limitMs,
    actsPerRound: Number(values.acts),
    tell: (line) => process.stdout.write(`${line}\n`),
  });
  process.stdout.write(`${JSON.stringify(report)}\n`);
} catch (error) {
  process.stderr.write(`seed ${values.seed}: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
