/**
 * The settings of one stage, parsed once: what may differ between deployments of the same app, and nothing else.
 * Each is read from the CDK context (`-c stage=prod`), then from the environment (BATON_STAGE), then from its default.
 */

export interface Settings {
  /** 'dev', 'prod' or any other name; part of the stacks' names unless it is 'dev'. */
  readonly stage: string;
  /** One of the numbers of days that CloudWatch Logs allows. */
  readonly logRetentionDays: number;
  /** 'retain': what has memory outlives its stack. 'destroy': it goes with it; refused in prod. */
  readonly removal: 'retain' | 'destroy';
  /** Tables refuse to be deleted, by anybody, until this is switched off. */
  readonly deletionProtection: boolean;
  /** How long after its opening a booking must be ready for dispatch. */
  readonly dispatchDeadlineSeconds: number;
  /** Who is told of alarms; undefined: nobody until somebody subscribes to the topic. */
  readonly alarmEmail?: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** A setting that cannot be right; thrown before anything is built. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** The values that CloudWatch Logs takes. Source: CloudWatch Logs API, PutRetentionPolicy. */
const logRetentionChoices = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

interface Setting<T> {
  context: string;
  variable: string;
  allowed: string;
  /** undefined: not allowed. */
  parse(text: string): T | undefined;
}

const oneOf =
  <T extends string>(...choices: T[]) =>
  (text: string): T | undefined =>
    choices.find((choice) => choice === text);

const wholeNumber =
  (fits: (value: number) => boolean) =>
  (text: string): number | undefined =>
    /^\d{1,9}$/.test(text) && fits(Number(text)) ? Number(text) : undefined;

const stage: Setting<string> = {
  context: 'stage',
  variable: 'BATON_STAGE',
  allowed: "1 to 20 lower-case letters, digits and inner hyphens, such as 'dev' or 'prod'",
  parse: (text) => (/^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$/.test(text) ? text : undefined),
};

const logRetentionDays: Setting<number> = {
  context: 'logRetentionDays',
  variable: 'BATON_LOG_RETENTION_DAYS',
  allowed: logRetentionChoices.join(', '),
  parse: wholeNumber((value) => logRetentionChoices.includes(value)),
};

const removal: Setting<'retain' | 'destroy'> = {
  context: 'removal',
  variable: 'BATON_REMOVAL',
  allowed: "'retain' or 'destroy'",
  parse: oneOf('retain', 'destroy'),
};

const dispatchDeadlineSeconds: Setting<number> = {
  context: 'dispatchDeadlineSeconds',
  variable: 'BATON_DISPATCH_DEADLINE_SECONDS',
  allowed: '1 to 2592000 (30 days)',
  parse: wholeNumber((value) => value >= 1 && value <= 30 * 86_400),
};

const alarmEmail: Setting<string> = {
  context: 'alarmEmail',
  variable: 'BATON_ALARM_EMAIL',
  allowed: 'one e-mail address',
  parse: (text) => (/^[^\s@,]+@[^\s@,]+\.[^\s@,]+$/.test(text) ? text : undefined),
};

const tags: Setting<Record<string, string>> = {
  context: 'tags',
  variable: 'BATON_TAGS',
  allowed: "'name=value' pairs with commas between them, such as 'team=parcels,cost-centre=42'",
  parse: (text) => {
    const pairs = text.split(',').map((pair) => /^([^=\s][^=]{0,127})=(.{1,256})$/.exec(pair.trim()));
    if (pairs.some((pair) => pair === null)) return undefined;
    return Object.fromEntries(pairs.map((pair) => [pair![1]!, pair![2]!]));
  },
};

/** `context` gives the value of a CDK context key, undefined when it is not set. Throws SettingsError. */
export function readSettings(
  context: (key: string) => unknown,
  env: Readonly<Record<string, string | undefined>>,
): Settings {
  function read<T>(setting: Setting<T>): T | undefined {
    const fromContext = context(setting.context);
    const raw = fromContext ?? env[setting.variable];
    if (raw === undefined || raw === '') return undefined;
    const value = typeof raw === 'string' || typeof raw === 'number' ? setting.parse(String(raw).trim()) : undefined;
    if (value !== undefined) return value;
    const where = fromContext === undefined ? setting.variable : `context '${setting.context}'`;
    throw new SettingsError(`${where} is ${JSON.stringify(raw)}; allowed: ${setting.allowed}`);
  }

  const name = read(stage) ?? 'dev';
  const isProd = name === 'prod';
  const settings: Settings = {
    stage: name,
    logRetentionDays: read(logRetentionDays) ?? (isProd ? 90 : 14),
    removal: read(removal) ?? 'retain',
    deletionProtection: isProd,
    dispatchDeadlineSeconds: read(dispatchDeadlineSeconds) ?? 1800,
    alarmEmail: read(alarmEmail),
    tags: { ...read(tags), app: 'baton', stage: name },
  };
  if (isProd && settings.removal === 'destroy') {
    throw new SettingsError(
      "removal is 'destroy' in stage 'prod'; there, tables, labels and the archive are always retained. Leave it out, or use another stage",
    );
  }
  return settings;
}
