/** Of an app with more functions than ListFunctions shows at once, all are known: faults and releases meet every one. */
import { VirtualWorld } from '../../lib/local/virtual';
import { demandRunnable } from '../../lib/sim/rollout';
import { assembly, removeFolders } from '../local/assembly/support';

afterAll(removeFolders);

const names = Array.from({ length: 120 }, (_, index) => `function-${String(index).padStart(3, '0')}`);

/** The last function of all has code of its own. */
const release = (code: string): string => {
  const functionNamed = (name: string, index: number) => ({
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: name,
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::123456789012:role/one',
      Code: { ZipFile: index === names.length - 1 ? code : 'exports.handler = async () => 1;' },
    },
  });
  const Resources = Object.fromEntries(names.map((name, index) => [`F${index}`, functionNamed(name, index)]));
  return assembly({ Many: { template: { Resources } } });
};

test('all functions are listed, page by page', async () => {
  const world = new VirtualWorld({ assemblyDir: release('exports.handler = async () => 2;') });
  expect(
    world
      .functions()
      .map(({ FunctionName }) => FunctionName)
      .sort(),
  ).toEqual(names);
  await world.stop();
});

test('a release that changes the last function of all brings out something', () => {
  const [before, after] = ['exports.handler = async () => 2;', 'exports.handler = async () => 3;'].map(release);
  expect(() => demandRunnable(after!, before)).not.toThrow();
});

test('inline code is deployed again by a fault, and runs', async () => {
  const world = new VirtualWorld({ assemblyDir: release('exports.handler = async () => 2;') });
  const FunctionName = names.at(-1)!;
  world.replaceCode(FunctionName, world.codeOf(FunctionName));
  const { Payload } = await world.request('lambda', 'Invoke', { FunctionName, Payload: '{}' });
  expect(Buffer.from(Payload, 'base64').toString()).toBe('2');
  await world.stop();
});
