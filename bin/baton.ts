/** The command line: what there is to say, and nothing else. Each command's work is in lib/cli/commands. */
import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { defaultPort } from '../lib/cli/aws';
import { CliError } from '../lib/cli/errors';
import { showPlacesOf } from '../lib/cli/places';
import { version } from '../package.json';

showPlacesOf(__filename, () => readFileSync(`${__filename}.map`, 'utf8'));

const program = new Command('baton')
  .description('Event-driven workflows on AWS: run the synthesized app here, publish, trace, look into dead letters.')
  .version(version)
  .showHelpAfterError("('baton --help' lists the commands; 'baton <command> --help' explains one)")
  .exitOverride((error) => {
    // commander ends with 1 on a wrong command line; a caller wants to tell that from a failure.
    process.exit(error.exitCode === 0 ? 0 : 2);
  });

const port = (text: string): number => wholeNumber(0, 65_535)(text);
const onAws = (command: Command): Command =>
  command
    .addOption(new Option('--port <n>', 'where the local runtime listens').argParser(port).default(defaultPort))
    .addOption(new Option('--endpoint-url <url>', 'another AWS endpoint; AWS_ENDPOINT_URL says the same'))
    .addOption(new Option('--aws', 'speak to AWS itself, with the credentials of the environment').default(false));

program
  .command('local')
  .description('run the synthesized app here: one process, one loopback port, no account')
  .option(
    '--assembly <dir>',
    "a cloud assembly (cdk.out) of any CDK app; default: this project's, synthesized when its sources changed",
  )
  .addOption(new Option('--port <n>', 'the port; 0 takes any free one').argParser(port).default(defaultPort))
  .addOption(
    new Option('--demo <n>', 'publish n sample bookings, one of them refused and one event malformed')
      .argParser(wholeNumber(0, 1000))
      .default(0),
  )
  .option(
    '--allow-unmodelled',
    'run although the templates hold resources that are not modelled here; they are listed',
    false,
  )
  .option(
    '--data <dir>',
    'keep everything there (queues, items, executions, schedules, archives), through kill -9; start again to go on',
  )
  .addOption(
    // So that a test meets many snapshots; nobody else has to choose.
    new Option('--snapshot-at-kb <n>').argParser(wholeNumber(1, 1_000_000)).hideHelp(),
  )
  .option(
    '--parameter <name=value>',
    "a value of a template's parameter, for every stack or, as Stack:Name=value, for one; may be repeated",
    nameAndValue,
    {},
  )
  .option('--watch', 'saved handlers are live at once, changed stacks are applied in place; nothing is lost', false)
  .option('--inspect', 'stop at breakpoints in the TypeScript of the functions (node inspector)', false)
  .option('--logs', "print the functions' log lines", false)
  .action(async (options) => (await import('../lib/cli/commands/local')).local(options));

onAws(
  program
    .command('publish')
    .description('publish one event from outside, checked against its contract first')
    .argument('<detailType>', 'the event, such as BookingRequested')
    .argument('[event]', 'JSON, @file, or - for standard input: { meta, data }, or the data alone')
    .option('--example', 'print a valid event to start from, and publish nothing', false)
    .option('--raw', 'publish it although the contract refuses it', false)
    .option('--json', 'print JSON', false),
).action(async (type, event, options) =>
  (await import('../lib/cli/commands/publish')).publishCommand(type, event, options),
);

onAws(
  program
    .command('trace')
    .description('what followed from one event: the causal tree, refusals and dead letters included')
    .argument('<id>', 'a correlation, or a booking id')
    .option('--json', 'print JSON', false)
    .addOption(new Option('--wait <seconds>', 'wait until it has ended').argParser(wholeNumber(0, 3600)).default(0)),
).action(async (id, options) => (await import('../lib/cli/commands/trace')).traceCommand(id, options));

const deadLetters = program.command('dead-letters').description('look into the dead letters; consumes nothing');
onAws(
  deadLetters
    .command('list')
    .description('every dead letter with its reason')
    .option('--queue <name>', 'only this consumer, such as dispatch/reserve-capacity')
    .option('--json', 'print JSON', false),
).action(async (options) => (await import('../lib/cli/commands/dead-letters')).listDeadLetters(options));
onAws(
  deadLetters
    .command('show')
    .description('one dead letter, whole')
    .argument('<messageId>', "its message id, or the beginning of it, as 'list' prints it")
    .option('--json', 'print JSON', false),
).action(async (id, options) => (await import('../lib/cli/commands/dead-letters')).showDeadLetter(id, options));

const sagas = program.command('sagas').description('what runs, how one stands, and what an operator may say to it');
const aboutSaga = (command: Command): Command =>
  onAws(command)
    .option('--saga <owner/name>', 'which saga, where there are several')
    .option('--json', 'print JSON', false);
const person = process.env.USER ?? 'operator';
aboutSaga(
  sagas
    .command('list')
    .description('executions, the newest first: how they ended, or what they wait for')
    .addOption(
      new Option('--status <status>', 'only these').choices(['running', 'ended', 'failed', 'stopped', 'timed-out']),
    )
    .addOption(new Option('--limit <n>', 'how many').argParser(wholeNumber(1, 1000)).default(20)),
).action(async (options) => (await import('../lib/cli/commands/sagas')).listSagas(options));
aboutSaga(
  sagas
    .command('show')
    .description('one execution: every step that was asked, who answered what, what was undone')
    .argument('<key>', 'the business key, such as a booking id'),
).action(async (key, options) => (await import('../lib/cli/commands/sagas')).showSaga(key, options));
aboutSaga(
  sagas
    .command('cancel')
    .description('call one off: what it did is undone, unless it is past its point of no return')
    .argument('<key>', 'the business key, such as a booking id')
    .requiredOption('--reason <text>', 'why; the merchant is told'),
).action(async (key, options) => (await import('../lib/cli/commands/sagas')).cancelSaga(key, options));
aboutSaga(
  sagas
    .command('approve')
    .description('answer in the place of the person whom one waits for')
    .argument('<key>', 'the business key, such as a booking id')
    .option('--by <name>', 'who approves', person)
    .option('--refuse <reason>', 'refuse instead, with a reason'),
).action(async (key, options) => (await import('../lib/cli/commands/sagas')).approveSaga(key, options));
aboutSaga(
  sagas
    .command('resume')
    .description('a parked one: try the step again')
    .argument('<key>', 'the business key, such as a booking id')
    .option('--skip', 'a person has done the step by hand: go on with the next', false)
    .option('--by <name>', 'who resumes it', person),
).action(async (key, options) => (await import('../lib/cli/commands/sagas')).resumeSaga(key, options));

program
  .command('invoke')
  .description('run one bundled handler here, in virtual time, and show what it would write and publish')
  .argument('<consumer>', 'such as dispatch/reserve-capacity')
  .requiredOption('--event <@file>', 'the event: @file, JSON or -; { meta, data } or the data alone')
  .option('--type <detailType>', 'which event it is, where the consumer listens to several')
  .option('--json', 'print JSON', false)
  .action(async (consumer, options) => (await import('../lib/cli/commands/invoke')).invokeCommand(consumer, options));

program
  .command('simulate')
  .description('run the synthesized app in virtual time under seeded faults, and check that its promises hold')
  .option('--assembly <dir>', "a cloud assembly (cdk.out) of any CDK app; default: this project's")
  .option(
    '--previous <dir>',
    'the assembly of the release before: functions begin with its code, and are deployed anew',
  )
  .option('--workload <file>', 'what drives the app, and what must hold: see docs/simulate.md')
  .option('--seed <seed>', 'the first seed; alone, only this one is run')
  .addOption(new Option('--seeds <n>', 'how many; default: 100').argParser(wholeNumber(1, 100_000_000)))
  .option('--faults <names>', 'only these, with commas between them; none: without any')
  .option('--until-failure', 'go on until one fails', false)
  .option('--exhaustive', 'every fault at each crossing and each start of one booking, one at a time', false)
  .option('--pairs', 'two faults at a time, drawn from the same, within the budget', false)
  .addOption(new Option('--budget <seconds>', 'begin nothing after so long').argParser(wholeNumber(1, 604_800)))
  .addOption(new Option('--workers <n>', 'processes; default: one for each core').argParser(wholeNumber(1, 256)))
  .option('--keep-going', 'go on after a failure', false)
  .option('--digest', "print each seed's digest of its trace (with --json)", false)
  .option('--json', 'print JSON', false)
  .option('--list-faults', 'print every fault with its source, and run nothing', false)
  .action(async (options) => (await import('../lib/cli/commands/simulate')).simulateCommand(options));
program
  .command('simulate-worker', { hidden: true })
  .action(async () => (await import('../lib/cli/simulate/worker')).work());

program
  .command('new')
  .description('write a new declaration, its handler and its test')
  .command('consumer')
  .description('a consumer: entry in lib/contracts/consumers, decision, handler and test')
  .argument('<owner/name>', 'the owning context, and a verb and a noun with hyphens, such as tracking/notify-merchant')
  .requiredOption('--on <events...>', 'the events it listens to')
  .action(async (name, options) => (await import('../lib/cli/commands/new-consumer')).newConsumer(name, options));

onAws(
  program
    .command('smoke')
    .description('publish one booking and follow it to its end; for use after a deploy')
    .addOption(new Option('--timeout <seconds>', 'give up after').argParser(wholeNumber(1, 3600)).default(120))
    .option('--json', 'print JSON', false),
).action(async (options) => (await import('../lib/cli/commands/smoke')).smoke(options));

program
  .command('catalog')
  .description('write lib/contracts/CATALOG.md from the declarations')
  .option('--check', 'write nothing; fail when the file is stale', false)
  .action(async (options) => (await import('../lib/cli/commands/catalog')).catalogCommand(options));

program
  .command('synth')
  .description('bundle the handlers and synthesize the stacks, without the CDK command line')
  .option('--out <dir>', 'where to', 'cdk.out')
  .action(async (options) => (await import('../lib/cli/commands/synth')).synth(options));

function nameAndValue(text: string, others: Record<string, string>): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError(`'${text}' is not a name and a value with '=' between them.`);
  return { ...others, [text.slice(0, at)]: text.slice(at + 1) };
}

function wholeNumber(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < low || value > high) {
      throw new InvalidArgumentError(`'${text}' is not a whole number from ${low} to ${high}.`);
    }
    return value;
  };
}

program.parseAsync().catch((error: Error & { exitCode?: number }) => {
  // Errors that say what to do are printed as they are; anything else is our bug and keeps its stack.
  const meant =
    error instanceof CliError ||
    /^(Assembly|Intrinsic|Refused|Provision|PortInUse|DataFolder|Contract|EventPattern|Bundle|Settings)Error$/.test(
      error.name,
    );
  console.error(meant || process.env.BATON_DEBUG === undefined ? `baton: ${error.message}` : error.stack);
  if (!meant && process.env.BATON_DEBUG === undefined) console.error('(BATON_DEBUG=1 shows where it came from)');
  process.exitCode = error.exitCode ?? 1;
});
